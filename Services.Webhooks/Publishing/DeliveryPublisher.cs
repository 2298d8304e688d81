using System.Threading.Channels;
using AgentPlatform.Contracts;
using AgentPlatform.Streams;
using Microsoft.Extensions.Options;
using Services.Webhooks.Storage;

namespace Services.Webhooks.Publishing;

/// <summary>
/// Puts committed deliveries on the stream, beside the answer to GitHub and never in its way. What it cannot publish stays pending in the database,
/// where <see cref="PendingSweep"/> finds it.
/// </summary>
internal sealed partial class DeliveryPublisher(
    IStreamPublisher streams, DeliveryEntries entries, WebhooksTelemetry telemetry, LoopRegistry loops, IOptions<PublishingOptions> options, TimeProvider time,
    ILogger<DeliveryPublisher> logger) : BackgroundService
{
    private const int BatchMax = 256;
    private const int MeasureEvery = 256;
    private static readonly TimeSpan LookAround = TimeSpan.FromSeconds(10);

    private readonly Channel<(NewDelivery Delivery, StoreResult Stored)> _waiting = Channel.CreateBounded<(NewDelivery, StoreResult)>(
        new BoundedChannelOptions(options.Value.QueueMax) { SingleReader = true });

    private int _sinceMeasured = MeasureEvery;

    /// <summary>Takes a delivery whose commit is done. Its body is not looked at any more.</summary>
    public void Enqueue(NewDelivery delivery, StoreResult stored) => _waiting.Writer.TryWrite((delivery, stored));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var heartbeat = loops.Register("intake:publisher", 3 * LookAround);
        var stream = streams.Name(IntakeStreams.Intake);
        var batch = new List<ReadOnlyMemory<byte>>(BatchMax);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await WaitAsync(heartbeat, stoppingToken))
                {
                    await PublishAsync(stream, batch, stoppingToken);
                    heartbeat.Beat();
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                // Redis is away or full. Nothing is lost: the sweep publishes what is not acknowledged in time.
                LogPublishFailed(logger, batch.Count, heartbeat.Failed(exception), exception);
            }
        }

        loops.Unregister(heartbeat);
    }

    private async Task PublishAsync(StreamName stream, List<ReadOnlyMemory<byte>> batch, CancellationToken cancellationToken)
    {
        batch.Clear();
        while (batch.Count < BatchMax && _waiting.Reader.TryRead(out var next))
        {
            batch.Add(entries.Encode(next.Delivery, next.Stored));
        }

        // The length changes by what is published here and elsewhere: a look for every so many entries is near enough.
        if (_sinceMeasured >= MeasureEvery)
        {
            if (await streams.LengthAsync(stream, cancellationToken) >= options.Value.BacklogMax)
            {
                LogBacklogFull(logger, options.Value.BacklogMax, batch.Count);
                return;
            }

            _sinceMeasured = 0;
        }

        await streams.PublishAsync(stream, batch, cancellationToken);
        _sinceMeasured += batch.Count;
        telemetry.Published(batch.Count, again: false);
    }

    private async Task<bool> WaitAsync(LoopHeartbeat heartbeat, CancellationToken stoppingToken)
    {
        using var limit = new CancellationTokenSource(LookAround, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stoppingToken);
        try
        {
            return await _waiting.Reader.WaitToReadAsync(linked.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            heartbeat.Beat();
            return false;
        }
    }

    [LoggerMessage(1011, LogLevel.Warning, "{Count} deliveries could not be published, for the {Failures}. time in a row; the sweep will")]
    private static partial void LogPublishFailed(ILogger logger, int count, int failures, Exception exception);

    [LoggerMessage(1012, LogLevel.Warning, "The intake stream holds {Max} entries that nobody has finished; {Count} deliveries wait in the database")]
    private static partial void LogBacklogFull(ILogger logger, int max, int count);
}
