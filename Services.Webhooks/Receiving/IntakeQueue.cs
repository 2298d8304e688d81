using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Services.Webhooks.Storage;

namespace Services.Webhooks.Receiving;

/// <summary>Deliveries that wait for their commit. Bounded: what finds no room is refused, and comes back through GitHub's list of deliveries.</summary>
internal sealed class IntakeQueue(IOptions<WebhookOptions> options)
{
    private readonly Channel<QueuedDelivery> _channel = Channel.CreateBounded<QueuedDelivery>(new BoundedChannelOptions(options.Value.QueueMax) { SingleReader = true });

    public ChannelReader<QueuedDelivery> Reader => _channel.Reader;

    /// <summary>Hands a delivery to the writer; null if there is no room. The writer disposes of it from then on.</summary>
    public Task<StoreResult>? TryAdd(NewDelivery delivery)
    {
        var queued = new QueuedDelivery(delivery);
        return _channel.Writer.TryWrite(queued) ? queued.Stored.Task : null;
    }

    /// <summary>Takes nothing more.</summary>
    public void Complete() => _channel.Writer.TryComplete();
}

/// <summary>A delivery and those who wait for it. They go on wherever it is settled: see <see cref="SettledBatch"/>.</summary>
internal sealed class QueuedDelivery(NewDelivery delivery)
{
    public NewDelivery Delivery => delivery;

    public TaskCompletionSource<StoreResult> Stored { get; } = new();
}
