using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Drivers.Scripted;
using Services.Wsl2Host.Hosting;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>The contract, kept by the scripted driver.</summary>
public sealed class ScriptedDriverContract : DriverContract
{
    private readonly HostDirectories _directories = new(new Wsl2HostOptions
    {
        StateDirectory = Path.Combine(Path.GetTempPath(), $"agentplatform-test-{Guid.NewGuid():N}"),
        RuntimeDirectory = Path.Combine(Path.GetTempPath(), $"agentplatform-test-{Guid.NewGuid():N}"),
    });

    private protected override async Task<IInstanceDriver> NewDriverAsync()
    {
        var driver = new ScriptedDriver(_directories, TimeProvider.System);
        await driver.RecoverAsync(CancellationToken.None);
        return driver;
    }

    private protected override Task AbandonAsync(IInstanceDriver driver)
    {
        ((ScriptedDriver)driver).Dispose();
        return Task.CompletedTask;
    }

    private protected override async Task CleanUpAsync(IInstanceDriver driver)
    {
        await driver.DestroyAsync(Instance, CancellationToken.None);
        await AbandonAsync(driver);
        Directory.Delete(_directories.State, recursive: true);
        Directory.Delete(_directories.Runtime, recursive: true);
    }

    private protected override string[] Says(string text, int exitCode = 0) => [Script.Program, $"output={text}", "sleep=5", $"exit={exitCode}"];

    private protected override string[] SaysBoth(string output, string error) => [Script.Program, $"output={output}", $"error={error}"];

    private protected override string[] RunsUntilStopped() => [Script.Program, "output=ready\\n", "on_stop=3:bye\\n", "run"];

    private protected override string[] IgnoresRequestsToEnd() => [Script.Program, "output=ready\\n", "ignore_stop", "run"];

    private protected override string[] EchoesInput() => [Script.Program, "echo_input"];

    private protected override string[] SaysMuch(int bytes) => [Script.Program, $"repeat={bytes}xa", "output=the end"];

    private protected override string[] CannotStart() => [Script.Program, "missing"];

    [Fact]
    public async Task AStartThatFailsCanBeRepeated()
    {
        var command = Command(Script.Program, "start_error=1", "output=started");

        Assert.Equal(500, (await Assert.ThrowsAsync<HostRefusal>(() => Driver.StartAsync(Instance, command, CancellationToken.None))).Status);

        var ended = await RunAsync(command);
        Assert.Equal(0, ended.ExitCode);
    }
}
