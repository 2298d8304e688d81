using AgentPlatform.Contracts;
using AgentPlatform.Streams;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Services.Webhooks.Storage;

namespace Services.Webhooks.Publishing;

/// <summary>
/// Publishes again what has been pending for too long: after a crash between commit and publish, after Redis was away, emptied or set back, and
/// when an acknowledgement was lost. It goes on until Scheduler acknowledges; Postgres is the truth, Redis only the road. A delivery that can no longer be
/// read holds nothing else up: it has failed.
/// </summary>
internal sealed partial class PendingSweep(
    IServiceScopeFactory scopes, IStreamPublisher streams, DeliveryEntries entries, WebhooksTelemetry telemetry, LoopRegistry loops,
    IOptions<PublishingOptions> options, TimeProvider time, ILogger<PendingSweep> logger) : BackgroundService
{
    private readonly PublishingOptions _options = options.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var heartbeat = loops.Register("intake:sweep", 3 * _options.SweepInterval + TimeSpan.FromMinutes(1));
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await SweepOnceAsync(stoppingToken) == _options.SweepMax)
                {
                    heartbeat.Beat();
                }

                heartbeat.Beat();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                LogSweepFailed(logger, heartbeat.Failed(exception), exception);
            }

            await Task.Delay(_options.SweepInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        loops.Unregister(heartbeat);
    }

    /// <summary>Publishes what is due, up to the limit. Replicas that sweep at once take different rows.</summary>
    /// <returns>How many deliveries were due.</returns>
    internal async Task<int> SweepOnceAsync(CancellationToken cancellationToken)
    {
        var stream = streams.Name(IntakeStreams.Intake);
        if (await streams.LengthAsync(stream, cancellationToken) >= _options.BacklogMax)
        {
            return 0;
        }

        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<WebhooksDbContext>();
        var due = await TakeDueAsync(context, cancellationToken);
        var readable = new List<ReadOnlyMemory<byte>>(due.Count);
        foreach (var row in due)
        {
            try
            {
                readable.Add(entries.Encode(row));
            }
            catch (InvalidDataException exception)
            {
                await FailAsync(context, row, exception, cancellationToken);
            }
        }

        if (readable.Count > 0)
        {
            await streams.PublishAsync(stream, readable, cancellationToken);
            telemetry.Published(readable.Count, again: true);
            LogRepublished(logger, readable.Count);
        }

        return due.Count;
    }

    private async Task FailAsync(WebhooksDbContext context, DeliveryRow row, InvalidDataException exception, CancellationToken cancellationToken)
    {
        var cause = exception.Message.Length <= DeliveryRow.CauseMax ? exception.Message : exception.Message[..DeliveryRow.CauseMax];
        await context.Database.ExecuteSqlAsync(
            $"""
            UPDATE webhooks.deliveries SET state = 'failed', settled_at = now(), cause = {cause}
            WHERE id = {row.Id.Value} AND attempt = {row.Attempt} AND state = 'pending'
            """,
            cancellationToken);
        telemetry.Settled(DeliveryOutcome.Failed);
        LogUnreadable(logger, row.Id, exception);
    }

    private async Task<List<DeliveryRow>> TakeDueAsync(WebhooksDbContext context, CancellationToken cancellationToken) => await context.Deliveries
        .FromSql($"""
            UPDATE webhooks.deliveries d
            SET republished = d.republished + 1, publish_at = now() + least({_options.RepublishAfterMax}, {_options.RepublishAfter} * power(2, least(d.republished + 1, 20)))
            FROM (
                SELECT id FROM webhooks.deliveries WHERE state = 'pending' AND publish_at <= now()
                ORDER BY publish_at LIMIT {_options.SweepMax} FOR UPDATE SKIP LOCKED) due
            WHERE d.id = due.id
            RETURNING d.*
            """)
        .AsNoTracking()
        .ToListAsync(cancellationToken);

    [LoggerMessage(1021, LogLevel.Warning, "The sweep for pending deliveries failed, for the {Failures}. time in a row")]
    private static partial void LogSweepFailed(ILogger logger, int failures, Exception exception);

    [LoggerMessage(1023, LogLevel.Error, "{Delivery} has failed: what is stored of it can no longer be read")]
    private static partial void LogUnreadable(ILogger logger, DeliveryId delivery, Exception exception);

    [LoggerMessage(1022, LogLevel.Information, "{Count} deliveries that nobody had acknowledged were published again")]
    private static partial void LogRepublished(ILogger logger, int count);
}
