using System.Diagnostics;

namespace Services.Wsl2Host.Drivers.Linux.Cgroups;

/// <summary>
/// The kernel's choice between cheap forks and quick moves into a cgroup. Without the mount option <c>favordynmods</c> a process that joins a group waits
/// for all processors, some ten milliseconds for each command; with it, forks cost a little more. Once set, it stays until the machine restarts.
/// </summary>
internal static class CgroupMoves
{
    private const string Option = "favordynmods";
    private static readonly TimeSpan MountMax = TimeSpan.FromSeconds(5);

    /// <summary>Has the kernel favour moves, if it does not yet.</summary>
    /// <param name="mounts">The lines of <c>/proc/self/mountinfo</c>.</param>
    /// <returns>Null when it does; otherwise why not. Everything works without it, only later.</returns>
    public static string? Favor(IEnumerable<string> mounts)
    {
        var unified = mounts.Select(line => line.Split(' ')).FirstOrDefault(fields => fields is [_, _, _, _, _, .., "cgroup2", _, _]);
        if (unified is null || unified[^1].Split(',').Contains(Option))
        {
            return null;
        }

        // The program keeps the other options of the mount, which the system call would drop.
        var start = new ProcessStartInfo(LinuxPrograms.Mount, ["-o", $"remount,{Option}", unified[4]]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var mount = Process.Start(start);
        if (mount is null || !mount.WaitForExit(MountMax))
        {
            mount?.Kill();
            return "mount did not end";
        }

        return mount.ExitCode == 0 ? null : mount.StandardError.ReadToEnd().ReplaceLineEndings(" ").Trim();
    }
}
