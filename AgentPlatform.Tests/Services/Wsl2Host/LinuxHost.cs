using AgentPlatform.Contracts;
using AgentPlatform.Tests.EndToEnd;
using Microsoft.Extensions.Logging.Abstractions;
using Services.Wsl2Host.Drivers.Linux;
using Services.Wsl2Host.Drivers.Linux.Native;
using Services.Wsl2Host.Hosting;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>Directories of a host of its own on this machine, and drivers on them.</summary>
internal sealed class LinuxHost : IAsyncDisposable
{
    public LinuxHost()
        : this(Fresh($"agentplatform-test-{Guid.NewGuid():N}"))
    {
    }

    public LinuxHost(Wsl2HostOptions options)
    {
        Options = options;
        Directories = new HostDirectories(options);
    }

    public Wsl2HostOptions Options { get; }

    public HostDirectories Directories { get; }

    public async Task<LinuxDriver> NewDriverAsync()
    {
        var driver = new LinuxDriver(
            Microsoft.Extensions.Options.Options.Create(Options), Directories, TimeProvider.System, NullLogger<LinuxDriver>.Instance);
        await driver.RecoverAsync(CancellationToken.None);
        return driver;
    }

    /// <summary>The host's own cgroup in every hierarchy of this machine.</summary>
    public IEnumerable<string> Cgroups() => HostRemains.Cgroups(Options);

    /// <summary>The cgroups of the host's own tools.</summary>
    public IReadOnlyList<string> ToolGroups() => [.. Cgroups().SelectMany(root => Directory.EnumerateDirectories(root, "tool-*"))];

    /// <summary>Everything that this machine still holds of the host's instances.</summary>
    public IReadOnlyList<string> Remains() => HostRemains.Of(Options);

    public async ValueTask DisposeAsync()
    {
        await using (var driver = await NewDriverAsync())
        {
            foreach (var instance in Directory.EnumerateDirectories(Directories.Instances).ToList())
            {
                await driver.DestroyAsync(InstanceId.Parse(Path.GetFileName(instance)), CancellationToken.None);
            }

            await driver.ReapAsync(TimeSpan.Zero, dryRun: false, CancellationToken.None);
        }

        foreach (var group in Cgroups().ToList())
        {
            Libc.Check(Libc.RemoveDirectory(group), $"removing {group}");
        }

        Mounting.Unmount(Directories.StateMount);
        Directory.Delete(Directories.Runtime, recursive: true);
        Directory.Delete(Directories.State, recursive: true);
    }

    private static Wsl2HostOptions Fresh(string name) => new()
    {
        StateDirectory = Path.Combine(Path.GetTempPath(), name),
        RuntimeDirectory = Path.Combine("/dev/shm", name),
    };
}
