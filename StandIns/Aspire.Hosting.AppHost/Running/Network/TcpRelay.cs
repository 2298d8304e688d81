using System.Buffers;
using System.Net.Sockets;

namespace Aspire.Hosting.Running.Network;

/// <summary>Passes bytes between two connected sockets, both ways, until both directions have ended.</summary>
internal static class TcpRelay
{
    /// <summary>The most that is held for one direction: a slow reader slows its writer down, nothing piles up here.</summary>
    private const int BufferBytes = 32 * 1024;

    /// <summary>Ends when both sides have closed; a side that breaks breaks the other one too.</summary>
    public static async Task RunAsync(Socket left, Socket right, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(PumpAsync(left, right, cancellationToken), PumpAsync(right, left, cancellationToken));
        }
        finally
        {
            left.Dispose();
            right.Dispose();
        }
    }

    private static async Task PumpAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int received;
            while ((received = await from.ReceiveAsync(buffer.AsMemory(0, BufferBytes), SocketFlags.None, cancellationToken)) > 0)
            {
                for (var sent = 0; sent < received;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, received - sent), SocketFlags.None, cancellationToken);
                }
            }

            // End of one direction only: the other may go on, as in a request body that is answered slowly.
            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            Reset(from);
            Reset(to);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Closes with RST, so that the other end sees a break and not an orderly end.</summary>
    private static void Reset(Socket socket) => socket.Close(timeout: 0);
}
