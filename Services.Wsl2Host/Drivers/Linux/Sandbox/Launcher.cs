using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Services.Wsl2Host.Drivers.Files;
using Services.Wsl2Host.Drivers.Linux.Cgroups;
using Services.Wsl2Host.Drivers.Linux.Native;
using Services.Wsl2Host.Drivers.Linux.Network;

namespace Services.Wsl2Host.Drivers.Linux.Sandbox;

/// <summary>Starts sandboxes: cgroup first, then the instance's user, then bubblewrap, then the command.</summary>
/// <param name="networks">Where sandboxes are started from.</param>
/// <param name="cgroups">What they join.</param>
/// <param name="files">What they see.</param>
internal sealed class Launcher(NetworkNamespaces networks, ICgroups cgroups, SandboxFiles files)
{
    private const int BlockBytes = 512;
    private const string JoinScript = """while [ "$1" != -- ]; do echo 0 > "$1" || exit 125; shift; done; shift; ulimit -S -c 0; cd /; unset PWD OLDPWD; exec "$@" """;
    private static readonly string[] LauncherEnvironment = ["PATH=/usr/bin:/bin", "LC_ALL=C"];

    /// <summary>Starts a command, detached.</summary>
    /// <param name="network">The instance's network.</param>
    /// <param name="user">The instance's user.</param>
    /// <param name="group">The instance's cgroup; the command's leaf below it is there already.</param>
    /// <param name="command">The command.</param>
    /// <param name="paths">Its files.</param>
    /// <param name="sandbox">What bubblewrap is told.</param>
    /// <returns>The launcher's process id.</returns>
    public Task<int> StartAsync(SafeFileHandle network, uint user, string group, CommandSpec command, CommandFiles paths, SandboxArguments sandbox)
    {
        List<string> argv =
        [
            LinuxPrograms.Shell, "-c", LaunchScript.Text, "launch",
            paths.Directory,
            paths.Spool,
            (command.HeadBytesMax / BlockBytes).ToString(CultureInfo.InvariantCulture),
            command.TailBytesMax.ToString(CultureInfo.InvariantCulture),
            command.MergeOutput ? "merged" : "separate",
            command.Input ? "input" : "none",
            cgroups.PathOf(group, LinuxCommand.BoxOf(command.Id)),
            .. cgroups.JoinFiles(group, command.Id.ToString()),
            "--",
            .. AsUser(user),
            .. command.Argv,
        ];
        return networks.InsideAsync(network, () =>
        {
            using var nothing = Open("/dev/null", Libc.OpenReadOnly);
            using var log = Open(paths.Log, Libc.OpenWriteOnly | Libc.OpenCreate | Libc.OpenAppend);
            using var status = Open(paths.Status, Libc.OpenWriteOnly | Libc.OpenCreate | Libc.OpenAppend);
            using var arguments = InMemory(sandbox.Report().ToArray());
            using var filter = Open(files.Filter, Libc.OpenReadOnly);
            return ProcessSpawn.Start(
                argv,
                LauncherEnvironment,
                Hand(nothing, 0),
                Hand(log, 1),
                Hand(log, 2),
                Hand(status, SandboxArguments.StatusDescriptor),
                Hand(arguments, SandboxArguments.ArgumentsDescriptor),
                Hand(filter, SandboxArguments.FilterDescriptor));
        });
    }

    /// <summary>Starts a tool of the host, which ends with the host.</summary>
    /// <returns>Its process id.</returns>
    public Task<int> StartToolAsync(
        SafeFileHandle network, uint user, string group, IReadOnlyList<string> program, SandboxArguments sandbox, SafeFileHandle output, SafeFileHandle error)
    {
        List<string> argv =
        [
            LinuxPrograms.Shell, "-c", JoinScript, "join", .. cgroups.JoinFiles(group, leaf: null), "--", .. AsUser(user), .. program,
        ];
        return networks.InsideAsync(network, () =>
        {
            using var nothing = Open("/dev/null", Libc.OpenReadOnly);
            using var arguments = InMemory(sandbox.ToArray());
            using var filter = Open(files.Filter, Libc.OpenReadOnly);
            return ProcessSpawn.Start(
                argv,
                LauncherEnvironment,
                Hand(nothing, 0),
                Hand(output, 1),
                Hand(error, 2),
                Hand(arguments, SandboxArguments.ArgumentsDescriptor),
                Hand(filter, SandboxArguments.FilterDescriptor));
        });
    }

    /// <summary>What comes before a sandboxed program.</summary>
    private static string[] AsUser(uint user)
    {
        var id = user.ToString(CultureInfo.InvariantCulture);
        return
        [
            LinuxPrograms.SetPrivileges, "--reuid", id, "--regid", id, "--clear-groups", "--no-new-privs", "--",
            LinuxPrograms.Bubblewrap, "--args", SandboxArguments.ArgumentsDescriptor.ToString(CultureInfo.InvariantCulture), "--",
        ];
    }

    private static ChildDescriptor Hand(SafeFileHandle handle, int target) => new((int)handle.DangerousGetHandle(), target);

    private static SafeFileHandle Open(string path, int flags) =>
        new(Libc.Check(Libc.Open(path, flags | Libc.OpenCloseOnExec, 0x180), $"opening {path}"), ownsHandle: true);

    private static SafeFileHandle InMemory(byte[] bytes)
    {
        var file = new SafeFileHandle(Libc.Check(Libc.CreateMemoryFile("arguments", 1), "making a file in memory"), ownsHandle: true);
        RandomAccess.Write(file, bytes, 0);
        return file;
    }
}
