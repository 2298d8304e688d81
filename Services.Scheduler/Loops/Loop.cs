using AgentPlatform.Streams;

namespace Services.Scheduler.Loops;

/// <summary>
/// A thin loop around <see cref="PollOnceAsync"/>, which tests call themselves. It goes on at once while there is work, sleeps until
/// its signal is raised or its interval is over otherwise, and backs off while it fails.
/// </summary>
internal abstract partial class Loop(TimeSpan interval, Signal signal, LoopRegistry loops, TimeProvider time, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan BackoffMin = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SilenceMax = TimeSpan.FromMinutes(2);

    /// <summary>One pass.</summary>
    /// <returns>Whether there may be more to do at once.</returns>
    public abstract Task<bool> PollOnceAsync(CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var name = GetType().Name;
        var heartbeat = loops.Register(name, SilenceMax);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await TurnAsync(name, heartbeat, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
        finally
        {
            loops.Unregister(heartbeat);
        }
    }

    private async Task TurnAsync(string name, LoopHeartbeat heartbeat, CancellationToken stoppingToken)
    {
        try
        {
            var worked = await PollOnceAsync(stoppingToken);
            heartbeat.Beat();
            if (!worked)
            {
                await signal.WaitAsync(interval, stoppingToken);
            }
        }
        catch (Exception error) when (!stoppingToken.IsCancellationRequested)
        {
            var failures = heartbeat.Failed(error);
            Log.PollFailed(logger, name, failures, error);
            var backoff = BackoffMin * Math.Pow(2, Math.Min(failures - 1, 10));
            await Task.Delay(backoff < BackoffMax ? backoff : BackoffMax, time, stoppingToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Warning, "{Loop} failed {Failures} times in a row")]
        public static partial void PollFailed(ILogger logger, string loop, int failures, Exception error);
    }
}
