using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Drivers.Linux;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>The contract, kept by the Linux driver.</summary>
public sealed class LinuxDriverContract : DriverContract
{
    private readonly LinuxHost _host = new();

    private protected override async Task<IInstanceDriver> NewDriverAsync() => await _host.NewDriverAsync();

    private protected override async Task AbandonAsync(IInstanceDriver driver) => await ((LinuxDriver)driver).DisposeAsync();

    private protected override async Task CleanUpAsync(IInstanceDriver driver)
    {
        await ((LinuxDriver)driver).DisposeAsync();
        await _host.DisposeAsync();
    }

    private protected override string[] Says(string text, int exitCode = 0) => Shell("printf %s \"$1\"; exit $2", text, $"{exitCode}");

    private protected override string[] SaysBoth(string output, string error) => Shell("printf %s \"$1\"; printf %s \"$2\" >&2", output, error);

    private protected override string[] RunsUntilStopped() => Shell("trap 'echo bye; exit 3' TERM INT; echo ready; while :; do sleep 60 & wait $!; done");

    private protected override string[] IgnoresRequestsToEnd() => Shell("trap '' TERM INT HUP; echo ready; while :; do sleep 60; done");

    private protected override string[] EchoesInput() => ["/bin/cat"];

    private protected override string[] SaysMuch(int bytes) => Shell("head -c $1 /dev/zero | tr '\\0' a; printf 'the end'", $"{bytes}");

    private protected override string[] CannotStart() => ["/no/such/program"];

    private static string[] Shell(string text, params string[] arguments) => ["/bin/sh", "-c", text, "test", .. arguments];
}
