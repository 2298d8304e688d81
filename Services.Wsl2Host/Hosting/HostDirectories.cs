using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AgentPlatform.Contracts;
using Services.Wsl2Host.Drivers.Linux.Native;

namespace Services.Wsl2Host.Hosting;

/// <summary>Where this host keeps what. Directories that an instance's user must pass through can be passed but not listed.</summary>
internal sealed class HostDirectories
{
    private const UnixFileMode Passable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly Wsl2HostOptions _options;
    private string _passage = "";

    /// <summary>For the given options; makes nothing.</summary>
    public HostDirectories(Wsl2HostOptions options)
    {
        _options = options;
        Use(number: 1);
    }

    /// <summary>The configured state directory, whichever of its numbers is used.</summary>
    public string First => Path.GetFullPath(_options.StateDirectory);

    /// <summary>1 for the configured directories, more for those beside them.</summary>
    public int Number { get; private set; }

    /// <summary>Tells this host's things from those of another on the same machine.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Kept over restarts of the machine.</summary>
    public string State { get; private set; } = "";

    /// <summary>Kept until the machine restarts.</summary>
    public string Runtime { get; private set; } = "";

    public string Instances => Path.Combine(Runtime, "instances");

    /// <summary>Directories of the machine that instances see, where their real path cannot be passed through.</summary>
    public string ReadOnlyMounts => Path.Combine(Runtime, "read-only");

    /// <summary>The state directory, where its real path cannot be passed through.</summary>
    public string StateMount => Path.Combine(Runtime, "state");

    /// <summary>Output of commands. It may be large, so it is not in memory.</summary>
    public string Spools => Path.Combine(State, "spool");

    public string Mirrors => Path.Combine(_passage, "mirrors");

    public string Checkouts => Path.Combine(_passage, "checkouts");

    /// <summary>Files that every sandbox sees.</summary>
    public string Sandbox => Path.Combine(_passage, "sandbox");

    public string Instance(InstanceId id) => Path.Combine(Instances, id.ToString());

    public string Spool(InstanceId id) => Path.Combine(Spools, id.ToString());

    /// <summary>Chooses the configured directories or those beside them, before anything is made.</summary>
    public void Use(int number)
    {
        var suffix = number == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"-{number}");
        Number = number;
        State = First + suffix;
        Key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(State)))[..12];
        Runtime = _options.RuntimeDirectory.Length > 0 ? Path.GetFullPath(_options.RuntimeDirectory) + suffix : DefaultRuntime(Key, State);
        _passage = State;
    }

    /// <summary>Makes the directories.</summary>
    /// <exception cref="InvalidOperationException">They lie where instances could not reach them.</exception>
    public void Create()
    {
        Make(State, Passable);
        Make(Runtime, Passable);
        OpenPassage();
        foreach (var path in (ReadOnlySpan<string>)[Instances, ReadOnlyMounts, Mirrors, Checkouts, Sandbox])
        {
            Make(path, Passable);
        }

        Make(Spools, Private);
    }

    /// <summary>Makes a directory with exactly this mode; one that is there gets it.</summary>
    public static void Make(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, mode);
        File.SetUnixFileMode(path, mode);
    }

    /// <summary>The first directory above a path that other users cannot pass through; null if they can pass through all.</summary>
    public static string? Barrier(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        for (var parent = Path.GetDirectoryName(path); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            if ((File.GetUnixFileMode(parent) & UnixFileMode.OtherExecute) == 0)
            {
                return parent;
            }
        }

        return null;
    }

    /// <summary>
    /// A state directory in somebody's private home is mounted once more where the users of instances can come to it. They see what they saw before:
    /// directories that can be passed but not listed.
    /// </summary>
    private void OpenPassage()
    {
        if (_options.Driver != "linux" || !OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return;
        }

        if (Barrier(Runtime) is { } closed)
        {
            throw new InvalidOperationException(
                $"Instances cannot reach {Runtime}, because other users cannot pass through {closed}. Set {Wsl2HostOptions.Section}:RuntimeDirectory to a directory that all users can reach.");
        }

        if (Barrier(State) is null)
        {
            _passage = State;
            return;
        }

        // What is there may belong to a directory of that name that is no more. Where it is the right one it stays: a sandbox may be starting from it.
        _passage = StateMount;
        if (Directory.Exists(StateMount) && Mounting.IsSameDirectory(State, StateMount))
        {
            return;
        }

        while (Mounting.Unmount(StateMount))
        {
        }

        Make(StateMount, Private);
        Mounting.BindWritable(State, StateMount);
    }

    // Nothing there outlives the machine's run anyway, and a handle that must be on disk before anything starts costs no disk access so.
    private static string DefaultRuntime(string key, string state)
    {
        foreach (var memory in (ReadOnlySpan<string>)["/run", "/dev/shm"])
        {
            if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Directory.Exists(memory) && new DriveInfo(memory).DriveFormat == "tmpfs")
            {
                return Path.Combine(memory, "agentplatform", key);
            }
        }

        return Path.Combine(state, "run");
    }
}
