using System.Globalization;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Services.Wsl2Host.Drivers.Linux.Native;

namespace Services.Wsl2Host.Doors;

/// <summary>Unix sockets in an instance's door directory.</summary>
internal static class DoorSockets
{
    private const int Backlog = 64;
    private const int DirectoryOnly = 0x10000;

    /// <summary>Listens under a name in a directory; a socket that an earlier process left there is replaced.</summary>
    public static Socket Listen(string directory, string name)
    {
        var path = Path.Combine(directory, name);
        File.Delete(path);

        // The address of a Unix socket has room for about a hundred characters. Through a descriptor of the directory any path fits.
        using var held = new SafeFileHandle(
            Libc.Check(Libc.Open(directory, Libc.OpenReadOnly | DirectoryOnly | Libc.OpenCloseOnExec, 0), $"opening {directory}"), ownsHandle: true);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            var shortPath = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{(int)held.DangerousGetHandle()}/{name}");
            socket.Bind(new UnixDomainSocketEndPoint(shortPath));
            socket.Listen(Backlog);
            Libc.Check(Libc.ChangeMode(path, 0x1B6), $"opening {path} to its instance");
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
