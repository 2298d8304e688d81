using AgentPlatform.Contracts.Runs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentPlatform.ServiceDefaults.Traces;

/// <summary>Hands spans over in batches, a moment after they came. A batch that cannot be handed over after a few tries is dropped and counted.</summary>
internal sealed partial class RunSpanSender(RunSpanQueue queue, IRunSpanSink sink, TimeProvider time, ILogger<RunSpanSender> logger) : BackgroundService
{
    private const int TriesMax = 3;
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SendMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await queue.Spans.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
            {
                await Task.Delay(Gather, time, stoppingToken).ConfigureAwait(false);
                await SendAsync(Take(), stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops; what is left is handed over once, below.
        }

        if (Take() is { Count: > 0 } rest && !await TryAsync(rest, CancellationToken.None).ConfigureAwait(false))
        {
            queue.Dropped(rest.Count);
        }
    }

    private List<SpanRecord> Take()
    {
        var batch = new List<SpanRecord>();
        while (batch.Count < SpanLimits.BatchMax && queue.Spans.TryRead(out var span))
        {
            batch.Add(span);
        }

        return batch;
    }

    private async Task SendAsync(List<SpanRecord> batch, CancellationToken cancellationToken)
    {
        for (var tries = 1; batch.Count > 0 && !await TryAsync(batch, cancellationToken).ConfigureAwait(false); tries++)
        {
            if (tries == TriesMax)
            {
                queue.Dropped(batch.Count);
                return;
            }

            await Task.Delay(TryAgainAfter, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryAsync(List<SpanRecord> batch, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(SendMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await sink.SendAsync(batch, either.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotSent(logger, batch.Count, error.GetType().Name);
            return false;
        }
    }

    [LoggerMessage(6051, LogLevel.Debug, "{Count} spans could not be handed over ({Fault})")]
    private static partial void LogNotSent(ILogger logger, int count, string fault);
}
