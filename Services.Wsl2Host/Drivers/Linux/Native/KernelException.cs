using System.Runtime.InteropServices;

namespace Services.Wsl2Host.Drivers.Linux.Native;

/// <summary>The kernel refused something.</summary>
/// <param name="what">What was asked of it, for people.</param>
/// <param name="error">Its error number.</param>
internal sealed class KernelException(string what, int error)
    : IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)} (errno {error})")
{
    public const int NoSuchEntry = 2;
    public const int NoSuchProcess = 3;
    public const int Interrupted = 4;
    public const int NoChild = 10;
    public const int WouldBlock = 11;
    public const int Busy = 16;
    public const int Exists = 17;
    public const int Invalid = 22;

    /// <summary>The kernel's error number.</summary>
    public int Error { get; } = error;

    /// <summary>For the call that failed last on this thread.</summary>
    public static KernelException Last(string what) => new(what, Marshal.GetLastPInvokeError());
}
