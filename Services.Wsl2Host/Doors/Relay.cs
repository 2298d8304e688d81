using System.Buffers;
using System.Net.Sockets;

namespace Services.Wsl2Host.Doors;

/// <summary>Carries bytes between two sockets.</summary>
internal static class Relay
{
    private const int BufferBytes = 32 * 1024;

    /// <summary>Nothing in either direction for so long ends it.</summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Carries until both sides have ended, or one has failed.</summary>
    /// <param name="client">The side that asked.</param>
    /// <param name="upstream">The side that answers.</param>
    /// <param name="bothWays">Whether what the client still sends is carried too.</param>
    /// <param name="time">Measures idleness.</param>
    /// <param name="cancellationToken">Cuts it.</param>
    public static async Task RunAsync(Socket client, Socket upstream, bool bothWays, TimeProvider time, CancellationToken cancellationToken)
    {
        using var idle = new CancellationTokenSource(IdleTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancellationToken);
        var back = CopyAsync(upstream, client, idle, either.Token);
        var forth = bothWays ? CopyAsync(client, upstream, idle, either.Token) : Task.CompletedTask;

        // A side that fails ends the other too; one that only finished does not.
        var first = await Task.WhenAny(back, forth);
        if (first.IsFaulted || first.IsCanceled)
        {
            await either.CancelAsync();
        }

        await Task.WhenAll(back, forth);
    }

    private static async Task CopyAsync(Socket source, Socket target, CancellationTokenSource idle, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (await source.ReceiveAsync(buffer.AsMemory(), cancellationToken) is var count and > 0)
            {
                idle.CancelAfter(IdleTimeout);
                for (var sent = 0; sent < count;)
                {
                    sent += await target.SendAsync(buffer.AsMemory(sent, count - sent), cancellationToken);
                }
            }

            target.Shutdown(SocketShutdown.Send);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
