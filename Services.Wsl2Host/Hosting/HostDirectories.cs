using System.Security.Cryptography;
using System.Text;
using AgentPlatform.Contracts;

namespace Services.Wsl2Host.Hosting;

/// <summary>Where this host keeps what. Directories that an instance's user must pass through can be passed but not listed.</summary>
internal sealed class HostDirectories
{
    private const UnixFileMode Passable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>For the given options; makes nothing.</summary>
    public HostDirectories(Wsl2HostOptions options)
    {
        State = Path.GetFullPath(options.StateDirectory);
        Key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(State)))[..12];
        Runtime = options.RuntimeDirectory.Length > 0 ? Path.GetFullPath(options.RuntimeDirectory) : DefaultRuntime(Key, State);
    }

    /// <summary>Tells this host's things from those of another on the same machine.</summary>
    public string Key { get; }

    /// <summary>Kept over restarts of the machine.</summary>
    public string State { get; }

    /// <summary>Kept until the machine restarts.</summary>
    public string Runtime { get; }

    public string Instances => Path.Combine(Runtime, "instances");

    /// <summary>Directories of the machine that instances see, where their real path cannot be passed through.</summary>
    public string ReadOnlyMounts => Path.Combine(Runtime, "read-only");

    /// <summary>Output of commands. It may be large, so it is not in memory.</summary>
    public string Spools => Path.Combine(State, "spool");

    public string Mirrors => Path.Combine(State, "mirrors");

    public string Checkouts => Path.Combine(State, "checkouts");

    /// <summary>Files that every sandbox sees.</summary>
    public string Sandbox => Path.Combine(State, "sandbox");

    public string Instance(InstanceId id) => Path.Combine(Instances, id.ToString());

    public string Spool(InstanceId id) => Path.Combine(Spools, id.ToString());

    /// <summary>Makes the directories.</summary>
    public void Create()
    {
        foreach (var path in (ReadOnlySpan<string>)[State, Runtime, Instances, ReadOnlyMounts, Mirrors, Checkouts, Sandbox])
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
