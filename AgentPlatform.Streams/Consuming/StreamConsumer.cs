using System.Globalization;
using AgentPlatform.Streams.Redis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentPlatform.Streams;

/// <summary>
/// Reads one stream for one group. A reading loop takes new entries when nudged; an upkeep loop renews what is in hand, takes over what the dead left,
/// and trims. What an entry needs from delivery to acknowledgement is in <see cref="EntryProcessor"/>.
/// </summary>
internal sealed partial class StreamConsumer : BackgroundService
{
    private readonly StreamConsumerSetup _setup;
    private readonly RedisStreams _redis;
    private readonly EntryProcessor _processor;
    private readonly LoopRegistry _loops;
    private readonly StreamsTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Signal _signal;
    private readonly StreamConsumerOptions _options;
    private string _cursor = "0-0";

    public StreamConsumer(
        StreamConsumerSetup setup, EntryProcessor processor, RedisStreams redis, LoopRegistry loops, StreamsTelemetry telemetry, TimeProvider time, ILogger<StreamConsumer> logger)
    {
        (_setup, _processor, _redis, _loops, _telemetry, _time, _logger) = (setup, processor, redis, loops, telemetry, time, logger);
        _options = setup.Options;
        _signal = new Signal(time);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.WhenAll(ReadAsync(stoppingToken), MaintainAsync(stoppingToken)).ConfigureAwait(false);
        await _processor.StopAsync().ConfigureAwait(false);
    }

    /// <summary>Reads what is new and hands it on. True if there may be more.</summary>
    internal async Task<bool> ReadOnceAsync(CancellationToken cancellationToken)
    {
        var room = _processor.TryReserve();
        if (room == 0)
        {
            return false;
        }

        IReadOnlyList<RawEntry> entries = [];
        try
        {
            entries = await WithGroupAsync(
                () => _redis.ReadNewAsync(_setup.Stream, _setup.Group, _setup.Consumer, room * _options.BatchMax, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _processor.Start(entries, room, _signal);
        }

        return entries.Count == room * _options.BatchMax;
    }

    /// <summary>One round of upkeep.</summary>
    internal async Task MaintainOnceAsync(CancellationToken cancellationToken)
    {
        await WithGroupAsync(() => _processor.RenewAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        await WithGroupAsync(() => ReclaimAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        if (_options.TrimAcknowledged)
        {
            await _redis.EvaluateAsync(Scripts.TrimAcknowledged, [_setup.Stream.Key], [], cancellationToken).ConfigureAwait(false);
        }

        var silence = ((long)_options.ForgetAfter.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        await WithGroupAsync(
            () => _redis.EvaluateAsync(Scripts.ForgetConsumers, [_setup.Stream.Key], [_setup.Group, silence], cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async Task ReadAsync(CancellationToken stoppingToken)
    {
        var heartbeat = _loops.Register($"{_setup.Name}:read", Longest(_options.FallbackIntervalMax, _options.RetryDelayMax) * 3 + TimeSpan.FromSeconds(10));
        IAsyncDisposable? subscription = null;
        var pause = _options.FallbackInterval;
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                subscription ??= await _redis.SubscribeAsync(_setup.Stream, _signal.Raise, stoppingToken).ConfigureAwait(false);
                var more = await ReadOnceAsync(stoppingToken).ConfigureAwait(false);
                heartbeat.Beat();
                failures = 0;
                if (more)
                {
                    continue;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                failures = heartbeat.Failed(exception);
                LogReadFailed(_logger, _setup.Name, failures, exception);
            }

            // Room for an entry, a nudge and a restored connection all raise the signal; the pause is for the case that none of them came through.
            var wait = failures > 0 ? Backoff.Delay(failures, _options.RetryDelay, _options.RetryDelayMax) : pause;
            var nudged = await WaitAsync(wait, stoppingToken).ConfigureAwait(false);
            pause = nudged ? _options.FallbackInterval : Shortest(pause * 2, _options.FallbackIntervalMax);
            _telemetry.Woken(_setup.Stream, nudged);
        }

        if (subscription is not null)
        {
            await subscription.DisposeAsync().ConfigureAwait(false);
        }

        _loops.Unregister(heartbeat);
    }

    private async Task MaintainAsync(CancellationToken stoppingToken)
    {
        var interval = _options.ReclaimIdle / 3;
        var heartbeat = _loops.Register($"{_setup.Name}:upkeep", interval * 4 + TimeSpan.FromSeconds(10));
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await MaintainOnceAsync(stoppingToken).ConfigureAwait(false);
                heartbeat.Beat();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                LogUpkeepFailed(_logger, _setup.Name, heartbeat.Failed(exception), exception);
            }

            await Task.Delay(interval, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _loops.Unregister(heartbeat);
    }

    /// <summary>Takes over what the dead left, page by page from the cursor, as long as there is room. The cursor stays for the next round.</summary>
    private async Task<int> ReclaimAsync(CancellationToken cancellationToken)
    {
        var reclaimed = 0;
        do
        {
            var room = _processor.TryReserve();
            if (room == 0)
            {
                return reclaimed;
            }

            IReadOnlyList<RawEntry> entries = [];
            try
            {
                (_cursor, entries) = await _redis.ReclaimAsync(
                    _setup.Stream, _setup.Group, _setup.Consumer, _options.ReclaimIdle, _cursor, Math.Min(room * _options.BatchMax, _options.ReclaimPage), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _processor.Start(entries, room, _signal);
            }

            if (entries.Count > 0)
            {
                reclaimed += entries.Count;
                _telemetry.Reclaimed(_setup.Stream, entries.Count);
                LogReclaimed(_logger, _setup.Name, entries.Count);
            }
        }
        while (_cursor != "0-0");

        return reclaimed;
    }

    /// <summary>Redis may have been emptied, or be new: a missing group is made from the stream's beginning, and the owner's reconcile publishes again what is missing.</summary>
    private async Task<T> WithGroupAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Message.Contains("NOGROUP", StringComparison.Ordinal))
        {
            await _redis.EnsureGroupAsync(_setup.Stream, _setup.Group, cancellationToken).ConfigureAwait(false);
            _telemetry.GroupCreated(_setup.Stream);
            LogGroupCreated(_logger, _setup.Name);
            return await action().ConfigureAwait(false);
        }
    }

    private async Task<bool> WaitAsync(TimeSpan pause, CancellationToken stoppingToken)
    {
        try
        {
            return await _signal.WaitAsync(pause, stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public override void Dispose()
    {
        _processor.Dispose();
        base.Dispose();
    }

    private static TimeSpan Shortest(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Longest(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
