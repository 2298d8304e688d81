using System.Runtime.InteropServices;

namespace Aspire.Hosting.Running.Processes;

/// <summary>
/// The few C library calls that .NET does not offer: start a process as leader of a session of its own, signal a whole
/// process group, wait for one child without taking part in the runtime's own child handling, and change a file's owner.
/// </summary>
internal static partial class Posix
{
    public const int SignalHangup = 1;
    public const int SignalInterrupt = 2;
    public const int SignalKill = 9;
    public const int SignalTerminate = 15;
    public const int ErrorInterrupted = 4;

    /// <summary>POSIX_SPAWN_SETSIGDEF and POSIX_SPAWN_SETSIGMASK have these values on Linux and on macOS.</summary>
    public const short SpawnSetSignalDefault = 0x04;
    public const short SpawnSetSignalMask = 0x08;

    private const string LibC = "libc";

    /// <summary>POSIX_SPAWN_SETSID, which the two systems number differently.</summary>
    public static short SpawnSetSession => OperatingSystem.IsMacOS() ? (short)0x0400 : (short)0x80;

    /// <summary>Whether this process runs as the superuser.</summary>
    public static bool IsRoot => !OperatingSystem.IsWindows() && GetEffectiveUserId() == 0;

    [LibraryImport(LibC, EntryPoint = "posix_spawn")]
    public static partial int Spawn(out int pid, nint path, nint fileActions, nint attributes, nint argv, nint envp);

    [LibraryImport(LibC, EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int FileActionsInit(nint fileActions);

    [LibraryImport(LibC, EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int FileActionsDestroy(nint fileActions);

    [LibraryImport(LibC, EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int FileActionsAddDup2(nint fileActions, int from, int to);

    [LibraryImport(LibC, EntryPoint = "posix_spawn_file_actions_addchdir_np")]
    public static partial int FileActionsAddChangeDirectory(nint fileActions, nint path);

    [LibraryImport(LibC, EntryPoint = "posix_spawnattr_init")]
    public static partial int AttributesInit(nint attributes);

    [LibraryImport(LibC, EntryPoint = "posix_spawnattr_destroy")]
    public static partial int AttributesDestroy(nint attributes);

    [LibraryImport(LibC, EntryPoint = "posix_spawnattr_setflags")]
    public static partial int AttributesSetFlags(nint attributes, short flags);

    [LibraryImport(LibC, EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int AttributesSetSignalDefault(nint attributes, nint signals);

    [LibraryImport(LibC, EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int AttributesSetSignalMask(nint attributes, nint signals);

    [LibraryImport(LibC, EntryPoint = "sigfillset")]
    public static partial int SignalSetFill(nint signals);

    [LibraryImport(LibC, EntryPoint = "sigemptyset")]
    public static partial int SignalSetEmpty(nint signals);

    [LibraryImport(LibC, EntryPoint = "waitpid", SetLastError = true)]
    public static partial int WaitPid(int pid, out int status, int options);

    [LibraryImport(LibC, EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport(LibC, EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeOwner(string path, uint user, uint group);

    /// <summary>The path without symbolic links; the path itself where it cannot be resolved.</summary>
    public static string RealPath(string path)
    {
        var resolved = OperatingSystem.IsWindows() ? 0 : ResolvePath(path, 0);
        try
        {
            return Marshal.PtrToStringUTF8(resolved) ?? path;
        }
        finally
        {
            if (resolved != 0)
            {
                Free(resolved);
            }
        }
    }

    [LibraryImport(LibC, EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ResolvePath(string path, nint buffer);

    [LibraryImport(LibC, EntryPoint = "free")]
    private static partial void Free(nint memory);

    [LibraryImport(LibC, EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();
}
