using Services.Wsl2Host.Drivers.Linux;
using Services.Wsl2Host.Drivers.Linux.Native;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Recovery;

/// <summary>
/// Ends everything of this host when nobody is there for it any more, however that came about: a shell waits for a lock that the kernel lets go of when
/// its holder ends. It is this process, or whoever keeps <see cref="Wsl2HostOptions.LifelineFile"/> locked; then the shell outlives this process, and the
/// next one finds what runs as it was. For developers' machines; in production commands are to go on.
/// </summary>
internal sealed class Lifeline
{
    private const int KillSignal = 9;
    private const int OwnDescriptor = 3;
    private const int OwnerDescriptor = 4;
    private const int HostDescriptor = 5;

    // Parameters: the host's cgroup, the same in every hierarchy; its runtime directory; its state directory; whether that is one to remove; the file
    // whose lock is waited for, or nothing; the directory of user ids. Nothing of an instance is followed or trusted here: what is mounted is unmounted
    // first, and a file system that could not be is not entered.
    private const string Script = """
        g=$1 r=$2 s=$3 remove=$4 owner=$5 users=$6
        # The host itself goes when its owner does, in its own order; this is for what it leaves. One that does not go is not waited for any longer.
        if [ -n "$owner" ]; then flock 4 || exit; rm -f -- "$owner"; flock -w 20 5; else flock 5 || exit; fi
        for h in /sys/fs/cgroup /sys/fs/cgroup/unified; do
          if [ -e "$h/$g/cgroup.kill" ]; then
            echo 1 > "$h/$g/cgroup.kill"
            n=0
            while [ "$n" -lt 500 ] && grep -q '^populated 1' "$h/$g/cgroup.events"; do sleep 0.01; n=$((n + 1)); done
          fi
        done
        for d in "$r"/instances/*/; do umount -l "$d/scratch"; rm -rf --one-file-system "$d"; done
        rm -rf --one-file-system "$s"/spool/*
        for u in "$users"/*; do by=; read -r by < "$u"; if [ "$by" = "$r" ]; then rm -f "$u"; fi; done
        for h in /sys/fs/cgroup /sys/fs/cgroup/*; do if [ -d "$h/$g" ]; then find "$h/$g" -mindepth 1 -depth -type d -exec rmdir {} +; fi; done
        umount -l "$r"/read-only/*
        if [ "$remove" = yes ]; then
          umount -l "$r/state"
          rm -rf --one-file-system "$r" "$s"
          for h in /sys/fs/cgroup /sys/fs/cgroup/*; do if [ -d "$h/$g" ]; then rmdir "$h/$g"; fi; done
        fi
        """;

    private readonly int _process;

    private Lifeline(int process) => _process = process;

    /// <summary>Holds the line until whoever is waited for ends.</summary>
    /// <param name="directories">The host's directories.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="own">The lock of the line itself, which the shell holds until it has ended everything.</param>
    /// <param name="hostLock">The file that the host keeps locked.</param>
    public static Lifeline Hold(HostDirectories directories, Wsl2HostOptions options, FileLock own, string hostLock)
    {
        using var host = FileLock.Open(hostLock, Libc.OpenReadOnly);
        using var owner = options.LifelineFile.Length > 0 ? FileLock.Open(options.LifelineFile, Libc.OpenReadOnly) : null;
        return Start(
            directories,
            options,
            options.LifelineFile,
            new ChildDescriptor(own.Descriptor, OwnDescriptor),
            new ChildDescriptor((int)(owner ?? host).DangerousGetHandle(), OwnerDescriptor),
            new ChildDescriptor((int)host.DangerousGetHandle(), HostDescriptor));
    }

    /// <summary>Ends at once what an earlier host left in directories that nobody uses, and removes those beside the first.</summary>
    /// <param name="directories">Those directories.</param>
    /// <param name="options">The host's settings.</param>
    /// <param name="own">The lock of the line.</param>
    /// <param name="hostLock">The lock of the host of these directories. The shell has it already, so it does not wait.</param>
    public static Task EndAsync(HostDirectories directories, Wsl2HostOptions options, FileLock own, FileLock hostLock)
    {
        var line = Start(
            directories,
            options,
            owner: "",
            new ChildDescriptor(own.Descriptor, OwnDescriptor),
            new ChildDescriptor(hostLock.Descriptor, HostDescriptor));
        return Task.Run(line.Wait);
    }

    /// <summary>Lets go of the line: everything has been ended in order.</summary>
    public void Release()
    {
        _ = Libc.Kill(_process, KillSignal);
        Wait();
    }

    private unsafe void Wait() => _ = Libc.WaitProcess(_process, null, 0);

    private static Lifeline Start(HostDirectories directories, Wsl2HostOptions options, string owner, params ReadOnlySpan<ChildDescriptor> locks)
    {
        using var nothing = FileLock.Open("/dev/null", Libc.OpenReadWrite);
        var none = (int)nothing.DangerousGetHandle();
        return new Lifeline(ProcessSpawn.Start(
            [
                LinuxPrograms.Shell, "-c", Script, "lifeline",
                $"{options.CgroupParent}/{directories.Key}",
                directories.Runtime,
                directories.State,
                directories.Number > 1 ? "yes" : "no",
                owner,
                LinuxDriver.UserIdDirectory,
            ],
            ["PATH=/usr/bin:/bin:/usr/sbin:/sbin"],
            [new ChildDescriptor(none, 0), new ChildDescriptor(none, 1), new ChildDescriptor(none, 2), .. locks]));
    }
}
