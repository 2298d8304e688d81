using Services.Wsl2Host.Drivers.Linux;
using Services.Wsl2Host.Drivers.Linux.Native;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Recovery;

/// <summary>
/// Ends everything of this host when its process ends, however it ends: a shell waits for the end of a pipe that only this process holds open.
/// For developers' machines; in production commands are to go on.
/// </summary>
internal sealed class Lifeline : IDisposable
{
    private const int KillSignal = 9;

    // Parameters: the host's cgroup, the same in every hierarchy, and its directory of instances. Nothing of an instance is followed or trusted here:
    // what is mounted is unmounted first, and a file system that could not be is not entered.
    private const string Script = """
        read -r _
        g=$1 i=$2
        for h in /sys/fs/cgroup /sys/fs/cgroup/unified; do if [ -e "$h/$g/cgroup.kill" ]; then echo 1 > "$h/$g/cgroup.kill"; fi; done
        for d in "$i"/*/; do umount -l "$d/workspace" "$d/checkout" "$d/scratch"; rm -rf --one-file-system "$d"; done
        for h in /sys/fs/cgroup /sys/fs/cgroup/*; do if [ -d "$h/$g" ]; then find "$h/$g" -mindepth 1 -depth -type d -exec rmdir {} +; fi; done
        """;

    private readonly int _process;

    private Lifeline(int process) => _process = process;

    /// <summary>Holds the line until this is disposed or the process ends.</summary>
    /// <param name="directories">The host's directories.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="stateLock">The lock on the state directory. The shell holds it too, so that the next host waits until everything has ended.</param>
    /// <returns>Null for a driver that starts nothing.</returns>
    public static unsafe Lifeline? Hold(HostDirectories directories, Wsl2HostOptions options, FileStream stateLock)
    {
        if (options.Driver != "linux")
        {
            return null;
        }

        // The writing end is never closed: the kernel does that when the process is no more.
        var ends = stackalloc int[2];
        Libc.Check(Libc.Pipe(ends, Libc.OpenCloseOnExec), "making a pipe");
        var nothing = Libc.Check(Libc.Open("/dev/null", Libc.OpenReadWrite | Libc.OpenCloseOnExec, 0), "opening /dev/null");
        var process = ProcessSpawn.Start(
            [LinuxPrograms.Shell, "-c", Script, "lifeline", $"{options.CgroupParent}/{directories.Key}", directories.Instances],
            ["PATH=/usr/bin:/bin:/usr/sbin:/sbin"],
            new ChildDescriptor(ends[0], 0),
            new ChildDescriptor(nothing, 1),
            new ChildDescriptor(nothing, 2),
            new ChildDescriptor((int)stateLock.SafeFileHandle.DangerousGetHandle(), 3));
        _ = Libc.Close(ends[0]);
        _ = Libc.Close(nothing);
        return new Lifeline(process);
    }

    /// <summary>Lets go of the line: everything has been ended in order.</summary>
    public unsafe void Dispose()
    {
        _ = Libc.Kill(_process, KillSignal);
        _ = Libc.WaitProcess(_process, null, 0);
    }
}
