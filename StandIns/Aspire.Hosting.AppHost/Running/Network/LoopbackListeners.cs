using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Running.Network;

/// <summary>Listening sockets on the same port of every loopback address that the machine has.</summary>
internal static class LoopbackListeners
{
    private const int AttemptsMax = 20;

    /// <summary>Binds and listens; for port 0 a port that is free on all of them is found.</summary>
    /// <exception cref="DistributedApplicationException">The port is taken; the message names its owner.</exception>
    public static Socket[] Bind(int port, int backlog)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return BindOnce(port, backlog);
            }
            catch (SocketException ex) when (ex.SocketErrorCode == SocketError.AddressAlreadyInUse && port != 0)
            {
                throw new DistributedApplicationException(PortOwner.Describe(port), ex);
            }
            catch (SocketException ex) when (ex.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < AttemptsMax)
            {
                // The free IPv4 port was taken on IPv6: try another.
            }
        }
    }

    private static Socket[] BindOnce(int port, int backlog)
    {
        var first = Listen(IPAddress.Loopback, port, backlog);
        try
        {
            var bound = ((IPEndPoint)first.LocalEndPoint!).Port;
            return ListenIfPresent(IPAddress.IPv6Loopback, bound, backlog) is { } second ? [first, second] : [first];
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    private static Socket? ListenIfPresent(IPAddress address, int port, int backlog)
    {
        try
        {
            return Socket.OSSupportsIPv6 ? Listen(address, port, backlog) : null;
        }
        catch (SocketException ex) when (ex.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
        {
            return null;
        }
    }

    private static Socket Listen(IPAddress address, int port, int backlog)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
