using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Running.Network;

/// <summary>
/// Finds free loopback ports for programs that bind them later. They lie below the range from which systems take the ports of
/// outgoing connections, so that none is taken by chance in between; within this process none is handed out twice.
/// </summary>
internal static class PortAllocator
{
    private const int First = 20_000;
    private const int Last = 32_000;
    private const int AttemptsMax = 1_000;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> HandedOut = [];

    /// <summary>A port that nobody listens on, on IPv4 or IPv6 loopback.</summary>
    /// <exception cref="DistributedApplicationException">A thousand random ports were all taken.</exception>
    public static int Take()
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var port = Random.Shared.Next(First, Last);
            lock (Gate)
            {
                if (!HandedOut.Contains(port) && IsFree(port))
                {
                    HandedOut.Add(port);
                    return port;
                }
            }
        }

        throw new DistributedApplicationException($"No free port was found between {First} and {Last}.");
    }

    /// <summary>Gives a port back.</summary>
    public static void Return(int port)
    {
        lock (Gate)
        {
            HandedOut.Remove(port);
        }
    }

    /// <summary>Whether the port can be bound on every loopback address that this machine has.</summary>
    public static bool IsFree(int port) => CanBind(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanBind(IPAddress.IPv6Loopback, port));

    /// <summary>Whether this machine has the address ::1.</summary>
    public static bool HasIPv6Loopback => Socket.OSSupportsIPv6 && TryBind(IPAddress.IPv6Loopback, 0) is null;

    private static bool CanBind(IPAddress address, int port) =>
        // A machine without IPv6 loopback cannot have anybody else on it either.
        TryBind(address, port) is null or SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported;

    private static SocketError? TryBind(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            return null;
        }
        catch (SocketException ex)
        {
            return ex.SocketErrorCode;
        }
    }
}
