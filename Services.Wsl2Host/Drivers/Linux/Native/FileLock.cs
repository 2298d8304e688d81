using Microsoft.Win32.SafeHandles;

namespace Services.Wsl2Host.Drivers.Linux.Native;

/// <summary>
/// A lock on a file that the kernel lets go of when its last holder ends, however it ends. A process that is handed the descriptor holds it too, and
/// unlike that of a <see cref="FileStream"/>, which the runtime takes in the same way, closing it here does not take it from the other.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private const int Exclusive = 2;
    private const int WithoutWaiting = 4;

    private readonly SafeFileHandle _file;

    private FileLock(SafeFileHandle file) => _file = file;

    /// <summary>The descriptor.</summary>
    public int Descriptor => (int)_file.DangerousGetHandle();

    /// <summary>Takes a lock; null if somebody has it.</summary>
    public static FileLock? TryTake(string path)
    {
        var file = Open(path, Libc.OpenReadWrite | Libc.OpenCreate);
        if (Libc.Lock((int)file.DangerousGetHandle(), Exclusive | WithoutWaiting) == 0)
        {
            return new FileLock(file);
        }

        var failure = KernelException.Last($"locking {path}");
        file.Dispose();
        return failure.Error == KernelException.WouldBlock ? null : throw failure;
    }

    /// <summary>Whether somebody has the lock on a file; false if there is no such file.</summary>
    public static bool IsTaken(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using var taken = TryTake(path);
        return taken is null;
    }

    /// <summary>Opens a file, so that a child can wait for its lock.</summary>
    public static SafeFileHandle Open(string path, int flags) =>
        new(Libc.Check(Libc.Open(path, flags | Libc.OpenCloseOnExec, 0x180), $"opening {path}"), ownsHandle: true);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
