using System.Globalization;
using System.Runtime.CompilerServices;
using AgentPlatform.Streams.Redis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentPlatform.Streams;

internal sealed partial class EventLogs(
    RedisStreams redis, IOptions<StreamsOptions> options, LoopRegistry loops, StreamsTelemetry telemetry, TimeProvider time, ILogger<EventLogs> logger) : IEventLogs
{
    private const int PageMax = 256;

    private readonly Dictionary<StreamName, EventLogTail> _tails = [];
    private readonly Lock _lock = new();

    public StreamName Name(string name) => StreamName.Create(options.Value.Environment, name);

    public async Task<AppendResult> AppendAsync(StreamName log, long firstSequence, IReadOnlyList<ReadOnlyMemory<byte>> entries, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(firstSequence, 1);
        RedisValue[] arguments = [log.NudgeChannel, firstSequence, .. entries.Select(entry => (RedisValue)entry.ToArray())];
        var reply = (RedisResult[])(await redis.EvaluateAsync(Scripts.Append, [log.Key], arguments, cancellationToken).ConfigureAwait(false))!;
        var appended = (int)reply[0];
        return new AppendResult(appended < 0, Math.Max(appended, 0), (long)reply[1]);
    }

    public async Task<long> RebaseAsync(StreamName log, long heldSequence, CancellationToken cancellationToken) =>
        (long)await redis.EvaluateAsync(Scripts.Rebase, [log.Key], [heldSequence], cancellationToken).ConfigureAwait(false);

    public async Task<long> LastAsync(StreamName log, CancellationToken cancellationToken) =>
        (long)await redis.EvaluateAsync(Scripts.Last, [log.Key], [], cancellationToken).ConfigureAwait(false);

    public Task<long> TrimBehindAsync(StreamName log, long sequence, CancellationToken cancellationToken) =>
        redis.TrimBelowAsync(log, Id(sequence + 1), cancellationToken);

    public Task ExpireAsync(StreamName log, TimeSpan after, CancellationToken cancellationToken) => redis.ExpireAsync(log, after, cancellationToken);

    public async IAsyncEnumerable<EventLogEntry> ReadAsync(
        StreamName log, long afterSequence, EventLogLoader? loader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tail = Join(log);
        try
        {
            var position = afterSequence;
            var (followed, asked) = (false, false);
            while (true)
            {
                var view = tail.Look(position, PageMax);
                var entries = view.Entries;
                if (view.State == TailState.AtHead || (view.State is TailState.Ahead or TailState.Unknown && asked))
                {
                    // Nothing to read anywhere. While Redis is away, or behind, Postgres is asked now and then instead.
                    followed = true;
                    asked = await WaitAsync(view, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                if (view.State != TailState.Within)
                {
                    entries = await PageAsync(log, position, loader, cancellationToken).ConfigureAwait(false);
                    if (entries.Count == 0 && view.State == TailState.Behind)
                    {
                        throw new EventLogGapException(log, position + 1);
                    }

                    if (followed && entries.Count > 0 && view.State == TailState.Behind)
                    {
                        telemetry.ReaderResumed();
                    }

                    (asked, followed) = (entries.Count == 0, false);
                }

                foreach (var entry in entries)
                {
                    yield return entry;
                    position = entry.Sequence;
                    followed |= view.State == TailState.Within;
                }
            }
        }
        finally
        {
            Leave(log, tail);
        }
    }

    internal static EventLogEntry Decode(RawEntry entry) =>
        EventLogEntry.Encode(long.Parse(entry.Id.AsSpan(0, entry.Id.IndexOf('-', StringComparison.Ordinal)), CultureInfo.InvariantCulture), entry.Body);

    /// <summary>Reads neighbours behind a position from Redis, or else from where they are kept for good.</summary>
    private async Task<IReadOnlyList<EventLogEntry>> PageAsync(StreamName log, long after, EventLogLoader? loader, CancellationToken cancellationToken)
    {
        IReadOnlyList<RawEntry> held = [];
        try
        {
            held = await redis.RangeAsync(log.Key, $"({Id(after)}", "+", PageMax, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LogPageFailed(logger, log.Name, exception);
        }

        var entries = held.Select(Decode).ToList();
        if (entries.Count > 0 && entries[0].Sequence == after + 1)
        {
            return entries;
        }

        if (loader is not null)
        {
            var kept = await loader(after, PageMax, cancellationToken).ConfigureAwait(false);
            entries = [.. kept.Select(record => EventLogEntry.Encode(record.Sequence, record.Json.Span))];
        }

        return entries.Count == 0 || entries[0].Sequence == after + 1 ? entries : throw new EventLogGapException(log, after + 1);
    }

    /// <summary>Waits for the tail to move. True if storage need not be asked again before that.</summary>
    private async Task<bool> WaitAsync(TailView view, CancellationToken cancellationToken)
    {
        if (view.State == TailState.AtHead)
        {
            await view.Changed.WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }

        try
        {
            await view.Changed.WaitAsync(options.Value.TailFallbackInterval, time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private EventLogTail Join(StreamName log)
    {
        lock (_lock)
        {
            if (!_tails.TryGetValue(log, out var tail))
            {
                tail = _tails[log] = new EventLogTail(log, redis, options.Value, loops, time, logger);
                tail.Start();
            }

            tail.Readers++;
            return tail;
        }
    }

    private void Leave(StreamName log, EventLogTail tail)
    {
        lock (_lock)
        {
            if (--tail.Readers == 0)
            {
                _tails.Remove(log);
                tail.Dispose();
            }
        }
    }

    private static string Id(long sequence) => string.Create(CultureInfo.InvariantCulture, $"{sequence}-0");

    [LoggerMessage(6122, LogLevel.Warning, "Could not read {Log} from Redis; its owner is asked instead")]
    private static partial void LogPageFailed(ILogger logger, string log, Exception exception);
}
