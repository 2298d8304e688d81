using AgentPlatform.Contracts;
using AgentPlatform.Streams;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Services.Webhooks.Storage;

namespace Services.Webhooks.Publishing;

/// <summary>
/// Publishes again what has been pending for too long: after a crash between commit and publish, after Redis was away, emptied or set back, and
/// when an acknowledgement was lost. It goes on until Scheduler acknowledges; Postgres is the truth, Redis only the road.
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
    /// <returns>How many deliveries were published.</returns>
    internal async Task<int> SweepOnceAsync(CancellationToken cancellationToken)
    {
        var stream = streams.Name(IntakeStreams.Intake);
        if (await streams.LengthAsync(stream, cancellationToken) >= _options.BacklogMax)
        {
            return 0;
        }

        await using var scope = scopes.CreateAsyncScope();
        var due = await TakeDueAsync(scope.ServiceProvider.GetRequiredService<WebhooksDbContext>(), cancellationToken);
        if (due.Count == 0)
        {
            return 0;
        }

        await streams.PublishAsync(stream, [.. due.Select(entries.Encode)], cancellationToken);
        telemetry.Published(due.Count, again: true);
        LogRepublished(logger, due.Count);
        return due.Count;
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

    [LoggerMessage(1022, LogLevel.Information, "{Count} deliveries that nobody had acknowledged were published again")]
    private static partial void LogRepublished(ILogger logger, int count);
}
