using System.Globalization;
using Services.Wsl2Host.Drivers.Linux.Native;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Drivers.Linux;

/// <summary>
/// User ids for instances, none given twice at the same time, by however many hosts on this machine. A given id is a file that only one can make.
/// </summary>
/// <param name="directory">Shared by all hosts of the machine.</param>
/// <param name="host">This host's directories; the runtime directory is written into the files.</param>
/// <param name="first">The first id of the range. It is not given out: git runs as this user.</param>
/// <param name="count">The size of the range.</param>
internal sealed class UserIds(string directory, HostDirectories host, int first, int count)
{
    private int _next;

    /// <summary>The user that git runs as.</summary>
    public uint Tools => (uint)first;

    /// <summary>Takes a free id.</summary>
    public uint Take()
    {
        Directory.CreateDirectory(directory);
        for (var tried = 1; tried < count; tried++)
        {
            var candidate = first + 1 + (int)((uint)Interlocked.Increment(ref _next) % (uint)(count - 1));
            if (TryTake(candidate))
            {
                return (uint)candidate;
            }
        }

        throw HostRefusal.Conflict(AgentPlatform.Contracts.Hosts.HostProblemCodes.HostFull, "Every user id of this host is in use.");
    }

    /// <summary>Gives an id back.</summary>
    public void Return(uint user) => File.Delete(PathOf((int)user));

    /// <summary>Gives back what this host took for instances that are no more, and what hosts took that are no more.</summary>
    public IReadOnlyList<uint> Reconcile(IReadOnlySet<uint> inUse, DateTimeOffset before, bool dryRun)
    {
        var returned = new List<uint>();
        foreach (var file in Directory.Exists(directory) ? Directory.EnumerateFiles(directory) : [])
        {
            if (!uint.TryParse(Path.GetFileName(file), NumberStyles.None, CultureInfo.InvariantCulture, out var user))
            {
                continue;
            }

            var holder = ReadHolder(file);
            var abandoned = holder == host.Runtime ? !inUse.Contains(user) : holder is { Length: > 0 } && !Directory.Exists(holder);
            if (abandoned && File.GetLastWriteTimeUtc(file) <= before.UtcDateTime)
            {
                returned.Add(user);
                if (!dryRun)
                {
                    File.Delete(file);
                }
            }
        }

        return returned;
    }

    private bool TryTake(int candidate)
    {
        var file = Libc.Open(PathOf(candidate), Libc.OpenWriteOnly | Libc.OpenCreate | OpenExclusive | Libc.OpenCloseOnExec, 0x180);
        if (file < 0)
        {
            var failure = KernelException.Last($"taking user id {candidate}");
            return failure.Error == KernelException.Exists ? false : throw failure;
        }

        using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(file, ownsHandle: true);
        RandomAccess.Write(handle, System.Text.Encoding.UTF8.GetBytes(host.Runtime), 0);
        return true;
    }

    private static string? ReadHolder(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private string PathOf(int user) => Path.Combine(directory, user.ToString(CultureInfo.InvariantCulture));

    private const int OpenExclusive = 0x80;
}
