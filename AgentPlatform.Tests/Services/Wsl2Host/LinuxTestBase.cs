using System.Globalization;
using System.Text;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Drivers.Linux;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>One real instance on this machine.</summary>
public abstract class LinuxTestBase : IAsyncLifetime
{
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Of the kernel's flags of a process, <c>PF_EXITING</c>.</summary>
    private const uint EndingFlag = 4;

    private protected LinuxHost Host { get; } = new();

    private protected LinuxDriver Driver { get; private set; } = null!;

    private protected InstanceId Instance { get; } = InstanceId.New(TimeProvider.System);

    private protected virtual InstanceSpec Spec => new(Instance, 256L << 20, 1000, 64, 32L << 20);

    public virtual async Task InitializeAsync()
    {
        Driver = await Host.NewDriverAsync();
        await Driver.CreateAsync(Spec, CancellationToken.None);
    }

    public virtual async Task DisposeAsync()
    {
        await Driver.DisposeAsync();
        await Host.DisposeAsync();
    }

    private protected async Task RestartAsync()
    {
        await Driver.DisposeAsync();
        Driver = await Host.NewDriverAsync();
    }

    private protected static CommandSpec Shell(string text, params string[] arguments) => new(
        CommandId.New(TimeProvider.System),
        "test",
        ["/bin/sh", "-c", text, "test", .. arguments],
        InstancePaths.Workspace,
        new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["HOME"] = InstancePaths.Home, ["LC_ALL"] = "C" },
        new Dictionary<string, SecretText>(),
        Input: false,
        MergeOutput: true,
        1 << 20,
        64 << 10);

    /// <summary>Runs a script to its end.</summary>
    /// <returns>What it wrote, and how it ended.</returns>
    private protected async Task<(string Output, CommandStatus Status)> RunAsync(string text, params string[] arguments)
    {
        var command = Shell(text, arguments);
        await Driver.StartAsync(Instance, command, CancellationToken.None);
        var status = await Driver.WaitAsync(Instance, command.Id, CancellationToken.None).WaitAsync(Patience);
        return (await OutputAsync(command.Id), status);
    }

    private protected async Task<string> OutputAsync(CommandId command) =>
        Encoding.UTF8.GetString((await Driver.ReadAsync(Instance, command, OutputStream.StandardOutput, 0, 1 << 21, CancellationToken.None)).Bytes.Span);

    /// <summary>Starts a script and waits until it has said something.</summary>
    private protected async Task<CommandId> StartUntilAsync(CommandSpec command, string expected)
    {
        await Driver.StartAsync(Instance, command, CancellationToken.None);
        using var deadline = new CancellationTokenSource(Patience);
        while (await OutputAsync(command.Id) is var text && !text.Contains(expected, StringComparison.Ordinal))
        {
            Assert.Null(Driver.Inspect(Instance, command.Id).End);
            await Driver.WaitForOutputAsync(Instance, command.Id, OutputStream.StandardOutput, text.Length, deadline.Token);
        }

        return command.Id;
    }

    /// <summary>The processes of this machine that run as an instance's user. One that is in the last moments of its end, or only waits for init to take note, is none.</summary>
    private protected static IReadOnlyList<int> ProcessesOf(uint user) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), out var process) ? process : 0)
            .Where(process => process > 0 && UserOf(process) == user),
    ];

    private protected uint User() => uint.Parse(
        Path.GetFileName(Directory.EnumerateFiles("/run/agentplatform/users").Single(file => File.ReadAllText(file) == Host.Directories.Runtime)));

    private static uint? UserOf(int process)
    {
        try
        {
            var status = File.ReadAllLines($"/proc/{process}/status");

            // Its control group lets a process go while the kernel still takes it down, before it is a zombie: the kernel's flags, the ninth field, tell.
            var facts = File.ReadAllText($"/proc/{process}/stat");
            var ending = (uint.Parse(facts[(facts.LastIndexOf(')') + 2)..].Split(' ')[6], CultureInfo.InvariantCulture) & EndingFlag) != 0;
            return ending
                ? null
                : uint.Parse(status.First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1]);
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException)
        {
            return null;
        }
    }
}
