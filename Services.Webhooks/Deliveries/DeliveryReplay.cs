using AgentPlatform.Contracts;
using AgentPlatform.Streams;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Services.Webhooks.Publishing;
using Services.Webhooks.Storage;
using StackExchange.Redis;

namespace Services.Webhooks.Deliveries;

/// <summary>Gives a settled delivery to Scheduler once more, as a new attempt.</summary>
internal sealed partial class DeliveryReplay(
    WebhooksDbContext context, IStreamPublisher streams, DeliveryEntries entries, IOptions<PublishingOptions> options, ILogger<DeliveryReplay> logger)
{
    /// <summary>Makes it pending and publishes it. False if it is pending already, or not there.</summary>
    public async Task<bool> ReplayAsync(TenantId tenant, DeliveryId id, CancellationToken cancellationToken)
    {
        var rows = await context.Deliveries
            .FromSql($"""
                UPDATE webhooks.deliveries d
                SET state = 'pending', attempt = d.attempt + 1, republished = 0, publish_at = now() + {options.Value.RepublishAfter}, settled_at = NULL, cause = NULL
                WHERE d.id = {id.Value} AND d.tenant_id = {tenant.Value} AND d.state <> 'pending'
                RETURNING d.*
                """)
            .AsNoTracking()
            .ToListAsync(cancellationToken);
        if (rows.Count == 0)
        {
            return false;
        }

        try
        {
            await streams.PublishAsync(streams.Name(IntakeStreams.Intake), [entries.Encode(rows[0])], cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or InvalidDataException)
        {
            LogPublishedLater(logger, id, exception);
        }

        return true;
    }

    [LoggerMessage(1051, LogLevel.Warning, "The replay of {Delivery} is stored, and is left to the sweep")]
    private static partial void LogPublishedLater(ILogger logger, DeliveryId delivery, Exception exception);
}
