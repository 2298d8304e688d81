using System.Globalization;
using System.Runtime.InteropServices;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Drivers.Linux.Seccomp;

namespace Services.Wsl2Host.Drivers.Linux;

/// <content>What the machine can do.</content>
internal sealed partial class LinuxDriver
{
    /// <summary>Overlays take a lower directory with exchanged owners from this version on.</summary>
    private static readonly Version KernelMin = new(5, 19);

    private static readonly (string Path, string Package)[] Programs =
    [
        (LinuxPrograms.Shell, "dash"),
        (LinuxPrograms.Bubblewrap, "bubblewrap"),
        (LinuxPrograms.SetPrivileges, "util-linux"),
        (LinuxPrograms.Unshare, "util-linux"),
        (LinuxPrograms.Mount, "mount"),
        (LinuxPrograms.Git, "git"),
    ];

    private static readonly TimeSpan TrialTimeout = TimeSpan.FromSeconds(20);

    public async Task<HostFingerprint> FingerprintAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, string> attributes = new(StringComparer.Ordinal)
        {
            ["os"] = "linux",
            ["arch"] = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
            ["kernel"] = Environment.OSVersion.Version.ToString(),
            ["processors"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
        };
        var shortcomings = FindShortcomings(attributes).ToList();
        if (shortcomings.Count == 0 && await TryAsync(cancellationToken) is { } failed)
        {
            shortcomings.Add(failed);
        }

        return new HostFingerprint(!shortcomings.Exists(found => found.Blocking), attributes, shortcomings);
    }

    private IEnumerable<HostShortcoming> FindShortcomings(Dictionary<string, string> attributes)
    {
        if (!OperatingSystem.IsLinux())
        {
            yield return new HostShortcoming("not_linux", "This driver needs Linux.", "Run the host on Linux, or inside a WSL2 distribution.", Blocking: true);
            yield break;
        }

        if (!Environment.IsPrivilegedProcess)
        {
            yield return new HostShortcoming(
                "not_root",
                "The host does not run as root, so it can give instances neither users, limits nor disks of their own.",
                "Run the host as root. What it starts never runs as root.",
                Blocking: true);
            yield break;
        }

        if (SystemCalls.For(RuntimeInformation.ProcessArchitecture) is null)
        {
            yield return new HostShortcoming("architecture", "There is no system call filter for this processor.", "Use an x86-64 or arm64 machine.", Blocking: true);
        }

        if (Environment.OSVersion.Version < KernelMin)
        {
            yield return new HostShortcoming(
                "kernel", $"The kernel is older than {KernelMin}.", "Update the kernel (in WSL2: wsl --update).", Blocking: true);
        }

        foreach (var (path, package) in Programs.Where(program => !File.Exists(program.Path)))
        {
            yield return new HostShortcoming("program_missing", $"{path} is missing.", $"Install it: apt-get install {package}", Blocking: true);
        }

        var cgroups = DetectCgroups(out var missing);
        attributes["cgroup"] = cgroups?.Kind ?? "none";
        if (cgroups is null)
        {
            yield return new HostShortcoming(
                "cgroup", $"Limits cannot be set: {missing}.", "Mount cgroup version 2 at /sys/fs/cgroup (in a container: run it privileged with its own cgroup namespace).", Blocking: true);
        }
    }

    /// <summary>Makes an instance, runs a command in it and removes it: what no list of checks can promise.</summary>
    private async Task<HostShortcoming?> TryAsync(CancellationToken cancellationToken)
    {
        var id = InstanceId.New(_time);
        var command = CommandId.New(_time);
        try
        {
            await RecoverAsync(cancellationToken);
            await CreateAsync(new InstanceSpec(id, 256L << 20, 1000, 64, 16L << 20), cancellationToken);
            await AttachAsync(id, new CheckoutMount(_directories.Sandbox, null), cancellationToken);
            await StartAsync(
                id,
                new CommandSpec(
                    command, "trial", ["/bin/true"], InstancePaths.Workspace, new Dictionary<string, string>(), new Dictionary<string, SecretText>(),
                    Input: false, MergeOutput: true, 4096, 4096),
                cancellationToken);
            var ended = await WaitAsync(id, command, cancellationToken).WaitAsync(TrialTimeout, _time, cancellationToken);
            if (ended is { End: CommandEnd.Exited, ExitCode: 0 })
            {
                return null;
            }

            var page = await ReadAsync(id, command, OutputStream.StandardOutput, 0, 1024, cancellationToken);
            var log = await File.ReadAllTextAsync(Find(id, command).Files.Log, cancellationToken);
            return Failed($"{ended.End} {ended.ExitCode}: {System.Text.Encoding.UTF8.GetString(page.Bytes.Span)}{log}".Trim());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or TimeoutException or HostRefusal or PlatformNotSupportedException)
        {
            return Failed((failure.InnerException ?? failure).Message);
        }
        finally
        {
            await DestroyAsync(id, CancellationToken.None);
        }
    }

    private static HostShortcoming Failed(string what) => new(
        "trial_failed",
        $"A trial instance could not be made or used: {what}",
        "Allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0) and overlay mounts; inside a container, run it privileged.",
        Blocking: true);
}
