using AgentPlatform.ServiceDefaults.Failpoints;
using AgentPlatform.Streams;
using Microsoft.Extensions.Options;
using Npgsql;
using Services.Webhooks.Publishing;
using Services.Webhooks.Storage;

namespace Services.Webhooks.Receiving;

/// <summary>
/// Group commit: one writer takes whatever has gathered while the last commit was on its way to disk, and commits it at once. Under load commits grow
/// instead of queueing up; without load a delivery waits for nobody. A second writer beside it was measured, and lost: its commits were half as large.
/// </summary>
internal sealed partial class IntakeWriter(
    IntakeQueue queue, DeliveryStore store, DeliveryPublisher publisher, WebhooksTelemetry telemetry, LoopRegistry loops,
    IOptions<WebhookOptions> options, TimeProvider time, ILogger<IntakeWriter> logger) : BackgroundService
{
    private static readonly TimeSpan LookAround = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var heartbeat = loops.Register("intake:writer", options.Value.CommitTimeout + 3 * LookAround);

        // The server stops taking requests before this is told to stop, so what is still queued belongs to requests that wait.
        await using var stop = stoppingToken.Register(queue.Complete);
        var batch = new List<QueuedDelivery>(options.Value.CommitMax);
        while (await WaitAsync(heartbeat))
        {
            batch.Clear();
            while (batch.Count < options.Value.CommitMax && queue.Reader.TryRead(out var queued))
            {
                batch.Add(queued);
            }

            await CommitAsync(batch, heartbeat);
            batch.ForEach(queued => queued.Delivery.Dispose());
        }

        loops.Unregister(heartbeat);
    }

    /// <summary>Waits for deliveries; false when there will be no more. An idle loop beats too.</summary>
    private async ValueTask<bool> WaitAsync(LoopHeartbeat heartbeat)
    {
        var waiting = queue.Reader.WaitToReadAsync();
        if (waiting.IsCompleted)
        {
            return await waiting;
        }

        var more = waiting.AsTask();
        while (true)
        {
            try
            {
                return await more.WaitAsync(LookAround, time);
            }
            catch (TimeoutException)
            {
                heartbeat.Beat();
            }
        }
    }

    private async Task CommitAsync(IReadOnlyList<QueuedDelivery> batch, LoopHeartbeat heartbeat)
    {
        // Copies within the batch wait for the first of them: the database is asked about each delivery once.
        var groups = batch.GroupBy(queued => queued.Delivery, DeliveryKey.Instance).ToList();
        var started = time.GetTimestamp();
        try
        {
            await Failpoint.PassAsync(FailpointNames.DeliveryReceived);
            using var limit = new CancellationTokenSource(options.Value.CommitTimeout, time);
            var results = await store.StoreAsync([.. groups.Select(group => group.Key)], limit.Token);
            await Failpoint.PassAsync(FailpointNames.DeliveryCommitted);
            Settle(groups, results, batch.Count);
            telemetry.Committed(batch.Count, time.GetElapsedTime(started));
            heartbeat.Beat();
        }
        catch (PostgresException exception) when (!exception.IsTransient && groups.Count > 1)
        {
            // Something about one of them, nobody knows which, cannot be stored. The others must not suffer for it.
            foreach (var group in groups)
            {
                await CommitAsync([.. group], heartbeat);
            }
        }
        catch (Exception exception)
        {
            LogCommitFailed(logger, batch.Count, heartbeat.Failed(exception), exception);
            foreach (var queued in batch)
            {
                queued.Stored.TrySetException(new DeliveryNotStoredException(exception));
            }
        }
    }

    private void Settle(List<IGrouping<NewDelivery, QueuedDelivery>> groups, IReadOnlyList<StoreResult> results, int count)
    {
        var settled = new SettledBatch(count);
        for (var i = 0; i < groups.Count; i++)
        {
            var answer = results[i];
            if (answer.Outcome == StoreOutcome.Accepted)
            {
                publisher.Enqueue(groups[i].Key, answer);
            }

            foreach (var queued in groups[i])
            {
                settled.Add(queued, answer);
                answer = answer with { Outcome = StoreOutcome.Duplicate };
            }
        }

        settled.Answer();
    }

    [LoggerMessage(1001, LogLevel.Error, "{Count} deliveries could not be stored, for the {Failures}. time in a row")]
    private static partial void LogCommitFailed(ILogger logger, int count, int failures, Exception exception);

    /// <summary>What the database claims a delivery by.</summary>
    private sealed class DeliveryKey : IEqualityComparer<NewDelivery>
    {
        public static readonly DeliveryKey Instance = new();

        public bool Equals(NewDelivery? x, NewDelivery? y) =>
            ReferenceEquals(x, y) || (x is not null && y is not null && x.DeliveryGuid == y.DeliveryGuid && x.BodyHash.AsSpan().SequenceEqual(y.BodyHash));

        public int GetHashCode(NewDelivery delivery) => delivery.DeliveryGuid.GetHashCode();
    }
}

/// <summary>A delivery is not in the database, or nobody knows. Sent again, it is stored once.</summary>
internal sealed class DeliveryNotStoredException(Exception cause) : Exception("The delivery could not be stored.", cause);
