using System.Threading.Channels;

namespace AgentPlatform.Streams;

/// <summary>Wakes one waiter; several calls before it wakes count as one. It only saves time: whoever waits also looks by itself.</summary>
/// <param name="time">The clock of the waits.</param>
public sealed class Signal(TimeProvider time)
{
    private readonly Channel<bool> _raised = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Wakes the waiter, or lets the next wait return at once.</summary>
    public void Raise() => _raised.Writer.TryWrite(true);

    /// <summary>Waits for the signal, for a time at most. True if it came.</summary>
    public async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        if (_raised.Reader.TryRead(out _))
        {
            return true;
        }

        using var limit = new CancellationTokenSource(atMost, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await _raised.Reader.ReadAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
