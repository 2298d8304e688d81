using System.Globalization;
using AgentPlatform.Streams.Redis;
using Microsoft.Extensions.Logging;

namespace AgentPlatform.Streams;

/// <summary>
/// The end of one log, read once for all its readers in this process. It keeps the newest entries, bounded by number and bytes; readers hold only a position.
/// </summary>
internal sealed partial class EventLogTail : IDisposable
{
    private const int PageMax = 256;

    private readonly StreamName _log;
    private readonly RedisStreams _redis;
    private readonly StreamsOptions _options;
    private readonly LoopRegistry _loops;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly Queue<EventLogEntry> _ring = new();
    private readonly CancellationTokenSource _ended = new();
    private TaskCompletionSource _changed = NewChange();
    private long _head = -1;
    private long _bytes;
    private bool _faulted;

    public EventLogTail(StreamName log, RedisStreams redis, StreamsOptions options, LoopRegistry loops, TimeProvider time, ILogger logger)
    {
        (_log, _redis, _options, _loops, _time, _logger) = (log, redis, options, loops, time, logger);
    }

    /// <summary>How many readers share the tail. Guarded by the lock of <see cref="EventLogs"/>.</summary>
    public int Readers { get; set; }

    /// <summary>Begins to follow the log.</summary>
    public void Start() => _ = FollowAsync(_ended.Token);

    /// <summary>Stops following it: the last reader has gone.</summary>
    public void Dispose() => _ = _ended.CancelAsync();

    /// <summary>What there is behind a position.</summary>
    public TailView Look(long after, int max)
    {
        lock (_lock)
        {
            if (_head < 0)
            {
                return new TailView(TailState.Unknown, [], _changed.Task);
            }

            if (after >= _head)
            {
                return new TailView(after == _head && _head > 0 && !_faulted ? TailState.AtHead : TailState.Ahead, [], _changed.Task);
            }

            return _ring.Count == 0 || _ring.Peek().Sequence > after + 1
                ? new TailView(TailState.Behind, [], _changed.Task)
                : new TailView(TailState.Within, [.. _ring.Skip((int)(after + 1 - _ring.Peek().Sequence)).Take(max)], _changed.Task);
        }
    }

    private async Task FollowAsync(CancellationToken ended)
    {
        var heartbeat = _loops.Register($"{_log.Name}:tail", _options.TailFallbackInterval * 3 + TimeSpan.FromSeconds(10));
        var signal = new Signal(_time);
        IAsyncDisposable? subscription = null;
        while (!ended.IsCancellationRequested)
        {
            try
            {
                // Listening comes before looking: what is appended in between is then at least nudged.
                subscription ??= await _redis.SubscribeAsync(_log, signal.Raise, ended).ConfigureAwait(false);
                await CatchUpAsync(ended).ConfigureAwait(false);
                Turn(faulted: false);
                heartbeat.Beat();
                await signal.WaitAsync(_options.TailFallbackInterval, ended).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                var failures = heartbeat.Failed(exception);
                Turn(faulted: true);
                LogTailFailed(_logger, _log.Name, failures, exception);
                await Task.Delay(Backoff.Delay(failures, TimeSpan.FromMilliseconds(100), _options.TailFallbackInterval), _time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        _loops.Unregister(heartbeat);
        if (subscription is not null)
        {
            await subscription.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task CatchUpAsync(CancellationToken ended)
    {
        if (Volatile.Read(ref _head) < 0)
        {
            var last = (long)await _redis.EvaluateAsync(Scripts.Last, [_log.Key], [], ended).ConfigureAwait(false);
            Publish([], last);
        }

        IReadOnlyList<RawEntry> page;
        do
        {
            var after = Volatile.Read(ref _head);
            page = await _redis.RangeAsync(_log.Key, string.Create(CultureInfo.InvariantCulture, $"({after}-0"), "+", PageMax, ended).ConfigureAwait(false);
            if (page.Count > 0)
            {
                var entries = page.Select(EventLogs.Decode).ToList();
                Publish(entries, entries[^1].Sequence);
            }
        }
        while (page.Count == PageMax);
    }

    private void Publish(IReadOnlyList<EventLogEntry> entries, long head)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            foreach (var entry in entries)
            {
                if (_ring.Count > 0 && entry.Sequence != _head + 1)
                {
                    // The log went on behind a hole: what we have is no longer next to what comes.
                    _ring.Clear();
                    _bytes = 0;
                }

                _ring.Enqueue(entry);
                _bytes += entry.ServerSentEvent.Length;
                _head = entry.Sequence;
            }

            _head = head;
            while (_ring.Count > _options.TailEntriesMax || (_ring.Count > 1 && _bytes > _options.TailBytesMax))
            {
                _bytes -= _ring.Dequeue().ServerSentEvent.Length;
            }

            (changed, _changed) = (_changed, NewChange());
        }

        changed.SetResult();
    }

    /// <summary>While the tail cannot reach Redis, readers at its head must not rely on it.</summary>
    private void Turn(bool faulted)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (_faulted == faulted)
            {
                return;
            }

            _faulted = faulted;
            (changed, _changed) = (_changed, NewChange());
        }

        changed.SetResult();
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(6121, LogLevel.Warning, "The tail of {Log} failed, {Failures} times in a row")]
    private static partial void LogTailFailed(ILogger logger, string log, int failures, Exception exception);
}

/// <summary>Where a position stands to the tail.</summary>
internal enum TailState
{
    /// <summary>The tail has not reached Redis yet.</summary>
    Unknown,

    /// <summary>The position is not in the tail any more, or was never in it.</summary>
    Behind,

    /// <summary>There are entries for it.</summary>
    Within,

    /// <summary>It is the newest there is.</summary>
    AtHead,

    /// <summary>Redis knows less than the reader, or nothing: somebody else may know more.</summary>
    Ahead,
}

/// <summary>What the tail has for a position.</summary>
/// <param name="State">Where the position stands.</param>
/// <param name="Entries">The entries, if any.</param>
/// <param name="Changed">Completes when there is more.</param>
internal readonly record struct TailView(TailState State, IReadOnlyList<EventLogEntry> Entries, Task Changed);
