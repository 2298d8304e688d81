using System.Net;
using System.Net.Sockets;

namespace Services.Wsl2Host.Drivers.Linux.Network;

/// <summary>Listens on the loopback of the network namespace that the calling thread is in.</summary>
internal static class LoopbackListener
{
    private const int Backlog = 64;

    public static Socket Start(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
