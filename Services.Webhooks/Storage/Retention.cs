using System.Buffers.Binary;
using AgentPlatform.Streams;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Services.Webhooks.Receiving;

namespace Services.Webhooks.Storage;

/// <summary>Lets old deliveries go, a few at a time. What is pending stays, however old.</summary>
internal sealed partial class Retention(
    IServiceScopeFactory scopes, LoopRegistry loops, IOptions<WebhookOptions> options, TimeProvider time, ILogger<Retention> logger) : BackgroundService
{
    private const int BatchMax = 1_000;
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var heartbeat = loops.Register("intake:retention", 3 * Interval);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await DeleteOnceAsync(stoppingToken) == BatchMax)
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
                LogFailed(logger, heartbeat.Failed(exception), exception);
            }

            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        loops.Unregister(heartbeat);
    }

    /// <summary>Deletes a batch. Returns how many went.</summary>
    internal async Task<int> DeleteOnceAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<WebhooksDbContext>();
        var first = FirstIdOf(time.GetUtcNow() - options.Value.Retention);
        var deleted = await context.Database.ExecuteSqlAsync(
            $"""
            DELETE FROM webhooks.deliveries WHERE id IN (
                SELECT id FROM webhooks.deliveries WHERE id < {first} AND state <> 'pending' ORDER BY id LIMIT {BatchMax})
            """,
            cancellationToken);
        if (deleted > 0)
        {
            LogDeleted(logger, deleted, options.Value.Retention);
        }

        return deleted;
    }

    /// <summary>The smallest id of a moment: a UUIDv7 begins with its milliseconds.</summary>
    private static Guid FirstIdOf(DateTimeOffset moment)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(bytes, moment.ToUnixTimeMilliseconds() << 16);
        return new Guid(bytes, bigEndian: true);
    }

    [LoggerMessage(1061, LogLevel.Information, "{Count} deliveries older than {Retention} were deleted")]
    private static partial void LogDeleted(ILogger logger, int count, TimeSpan retention);

    [LoggerMessage(1062, LogLevel.Warning, "Old deliveries could not be deleted, for the {Failures}. time in a row")]
    private static partial void LogFailed(ILogger logger, int failures, Exception exception);
}
