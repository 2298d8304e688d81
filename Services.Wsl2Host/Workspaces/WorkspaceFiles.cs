using AgentPlatform.Contracts.Hosts;
using Microsoft.Win32.SafeHandles;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Drivers.Linux.Native;

namespace Services.Wsl2Host.Workspaces;

/// <summary>
/// Reads files that an instance wrote. Whatever it put there, a link included, leads nowhere but to a regular file of the workspace itself:
/// the kernel looks at every step of the path.
/// </summary>
internal static unsafe class WorkspaceFiles
{
    private const long OpenAt2Call = 437;
    private const ulong NoOtherMount = 0x01;
    private const ulong NoMagicLinks = 0x02;
    private const ulong NoLinks = 0x04;
    private const ulong Beneath = 0x08;
    private const int DirectoryOnly = 0x10000;
    private const int PathLengthMax = 4096;

    /// <summary>Reads a file.</summary>
    /// <param name="workspace">The workspace's directory on this machine.</param>
    /// <param name="path">Relative to it.</param>
    /// <exception cref="HostRefusal">There is no such regular file, or it is too large.</exception>
    public static byte[] Read(string workspace, string path)
    {
        if (path.Length is 0 or > PathLengthMax || path.Contains('\0', StringComparison.Ordinal) || path[0] == '/')
        {
            throw HostRefusal.Invalid("path must be relative to the workspace.");
        }

        using var file = Open(workspace, path);
        return (file is null ? null : Read(file)) ?? throw new HostRefusal(
            StatusCodes.Status404NotFound, AgentPlatform.Contracts.ProblemCodes.NotFound, "The workspace has no such regular file; links are not followed.");
    }

    private static byte[]? Read(SafeFileHandle file)
    {
        try
        {
            var length = RandomAccess.GetLength(file);
            var bytes = new byte[Math.Min(length, HostLimits.FileBytesMax)];
            var read = RandomAccess.Read(file, bytes, 0);
            return length <= HostLimits.FileBytesMax
                ? bytes[..read]
                : throw new HostRefusal(
                    StatusCodes.Status413PayloadTooLarge, AgentPlatform.Contracts.ProblemCodes.PayloadTooLarge, $"The file has more than {HostLimits.FileBytesMax} bytes.");
        }
        catch (Exception failure) when (failure is NotSupportedException or IOException or UnauthorizedAccessException)
        {
            // A FIFO has no length, and a directory cannot be read.
            return null;
        }
    }

    private static SafeFileHandle? Open(string workspace, string path)
    {
        using var root = new SafeFileHandle(
            Libc.Check(Libc.Open(workspace, Libc.OpenReadOnly | DirectoryOnly | Libc.OpenCloseOnExec, 0), "opening a workspace"), ownsHandle: true);
        var how = new OpenHow
        {
            // Without blocking, because opening a FIFO would wait for its writer.
            Flags = Libc.OpenReadOnly | Libc.OpenCloseOnExec | Libc.OpenNonBlocking,
            Resolve = NoOtherMount | NoMagicLinks | NoLinks | Beneath,
        };
        var descriptor = Libc.OpenBeneath(OpenAt2Call, (int)root.DangerousGetHandle(), path, &how, (nuint)sizeof(OpenHow));
        return descriptor < 0 ? null : new SafeFileHandle((nint)descriptor, ownsHandle: true);
    }

    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}
