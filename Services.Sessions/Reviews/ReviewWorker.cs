using System.Collections.Concurrent;
using AgentPlatform.Contracts;
using AgentPlatform.Streams;
using Microsoft.Extensions.Options;

namespace Services.Sessions.Reviews;

/// <summary>Takes reviews that nobody drives and drives them, a bounded number at a time. A review of a worker that died is taken again when its lease is over.</summary>
internal sealed partial class ReviewWorker(
    ReviewStore reviews, ReviewDriver driver, ReviewSignals signals, IOptionsMonitor<ReviewOptions> options, LoopRegistry loops, TimeProvider time, ILogger<ReviewWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);
    private readonly string _name = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";
    private readonly ConcurrentDictionary<SessionId, Task> _active = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var heartbeat = loops.Register(nameof(ReviewWorker), TimeSpan.FromMinutes(2));
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    await PollOnceAsync(stoppingToken);
                    heartbeat.Beat();
                    await signals.Wanted.WaitAsync(LookAgain, stoppingToken);
                }
                catch (Exception error) when (!stoppingToken.IsCancellationRequested)
                {
                    Log.PollFailed(logger, heartbeat.Failed(error), error);
                    await Task.Delay(AfterFailure, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops: agents go on in their instances, and the next process reads on from their output.
        }
        finally
        {
            loops.Unregister(heartbeat);
            await Task.WhenAll(_active.Values);
        }
    }

    /// <summary>Takes what is to be had, within the limit.</summary>
    public async Task PollOnceAsync(CancellationToken cancellationToken)
    {
        var free = options.CurrentValue.AtATimeMax - _active.Count;
        if (free <= 0)
        {
            return;
        }

        foreach (var review in await reviews.ClaimAsync(_name, options.CurrentValue.Lease, free, cancellationToken))
        {
            _active[review.Id] = Task.Run(() => DriveAsync(review, cancellationToken), CancellationToken.None);
        }
    }

    private async Task DriveAsync(ReviewRow review, CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            await driver.DriveAsync(review, _name, stopping);
        }
        catch (Exception error) when (stopping.IsCancellationRequested || error is OperationCanceledException)
        {
            Log.LetGo(logger, review.Id, error.GetType().Name);
        }
        catch (Exception error)
        {
            // A lost database or a defect: the lease runs out, and the review is taken again.
            Log.DriveFailed(logger, review.Id, error);
        }
        finally
        {
            _active.TryRemove(review.Id, out _);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4101, LogLevel.Warning, "Reviews could not be taken, {Failures} times in a row")]
        public static partial void PollFailed(ILogger logger, int failures, Exception error);

        [LoggerMessage(4102, LogLevel.Information, "{Session} was let go ({Cause})")]
        public static partial void LetGo(ILogger logger, SessionId session, string cause);

        [LoggerMessage(4103, LogLevel.Error, "{Session} could not be driven on")]
        public static partial void DriveFailed(ILogger logger, SessionId session, Exception error);
    }
}
