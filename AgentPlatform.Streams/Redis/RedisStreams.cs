using System.Globalization;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentPlatform.Streams.Redis;

/// <summary>
/// Every Redis command that streams need, in the part of the client that its old and new releases share. No command blocks: one connection serves the whole process.
/// </summary>
internal sealed class RedisStreams(IConnectionMultiplexer multiplexer, IOptions<StreamsOptions> options, TimeProvider time)
{
    private readonly StreamsOptions _options = options.Value;

    private IDatabase Database => multiplexer.GetDatabase();

    /// <summary>Adds entries in order and nudges whoever reads, all of it or nothing. Returns the new ids.</summary>
    public async Task<IReadOnlyList<string>> AddAsync(StreamName stream, IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken)
    {
        var arguments = new RedisValue[bodies.Count + 1];
        arguments[0] = stream.NudgeChannel;
        for (var i = 0; i < bodies.Count; i++)
        {
            arguments[i + 1] = bodies[i].ToArray();
        }

        var ids = (RedisResult[])(await EvaluateAsync(Scripts.Publish, [stream.Key], arguments, cancellationToken).ConfigureAwait(false))!;
        return [.. ids.Select(id => (string)id!)];
    }

    /// <summary>Reads new entries for a consumer, at once: an empty answer is an answer.</summary>
    public async Task<IReadOnlyList<RawEntry>> ReadNewAsync(StreamName stream, string group, string consumer, int count, CancellationToken cancellationToken)
    {
        var reply = await ExecuteAsync("XREADGROUP", ["GROUP", group, consumer, "COUNT", count, "STREAMS", (RedisKey)stream.Key, ">"], cancellationToken).ConfigureAwait(false);
        return reply.IsNull ? [] : RawEntry.ReadMany(((RedisResult[])((RedisResult[])reply!)[0]!)[1], deliveries: 1);
    }

    /// <summary>Makes the group, reading from the stream's beginning; one that exists stays as it is.</summary>
    public async Task EnsureGroupAsync(StreamName stream, string group, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync("XGROUP", ["CREATE", (RedisKey)stream.Key, group, "0", "MKSTREAM"], cancellationToken).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
        {
            return;
        }
    }

    /// <summary>Takes over entries of consumers that have been silent for long, one page from the cursor on.</summary>
    public async Task<(string Cursor, IReadOnlyList<RawEntry> Entries)> ReclaimAsync(
        StreamName stream, string group, string consumer, TimeSpan idle, string cursor, int count, CancellationToken cancellationToken)
    {
        var reply = (RedisResult[])(await EvaluateAsync(
            Scripts.Reclaim, [stream.Key], [group, consumer, Milliseconds(idle), cursor, count], cancellationToken).ConfigureAwait(false))!;
        return ((string)reply[0]!, [.. ((RedisResult[])reply[1]!).Select(RawEntry.ReadCounted)]);
    }

    /// <summary>Delivers a held entry again, which counts as a delivery; null if it is no longer this consumer's.</summary>
    public async Task<RawEntry?> RedeliverAsync(StreamName stream, string group, string consumer, string id, CancellationToken cancellationToken)
    {
        var reply = await EvaluateAsync(Scripts.Redeliver, [stream.Key], [group, consumer, id], cancellationToken).ConfigureAwait(false);
        return reply.IsNull || ((RedisResult[])reply!).Length == 0 ? null : RawEntry.ReadCounted(reply);
    }

    /// <summary>Sets the idle time of held entries; zero keeps them from being reclaimed. Returns how many are still held.</summary>
    public async Task<long> SetIdleAsync(
        StreamName stream, string group, string consumer, TimeSpan idle, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        RedisValue[] arguments = [group, consumer, Milliseconds(idle), .. ids.Select(id => (RedisValue)id)];
        return (long)await EvaluateAsync(Scripts.SetIdle, [stream.Key], arguments, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Acknowledges entries.</summary>
    public Task AcknowledgeAsync(StreamName stream, string group, IEnumerable<string> ids, CancellationToken cancellationToken) =>
        ExecuteAsync("XACK", [(RedisKey)stream.Key, group, .. ids], cancellationToken);

    /// <summary>Moves an entry to the dead letters and acknowledges it, as one. False if it was acknowledged before.</summary>
    public async Task<bool> BuryAsync(StreamName stream, string group, string id, string cause, long deliveries, CancellationToken cancellationToken) =>
        (long)await EvaluateAsync(
            Scripts.Bury, [stream.Key, stream.DeadLetterKey], [group, id, cause, deliveries, _options.DeadLettersMax], cancellationToken).ConfigureAwait(false) == 1;

    /// <summary>Puts a dead letter back on its stream. False if there is none of this id.</summary>
    public async Task<bool> ReviveAsync(StreamName stream, string id, CancellationToken cancellationToken)
    {
        var reply = await EvaluateAsync(Scripts.Revive, [stream.Key, stream.DeadLetterKey], [id], cancellationToken).ConfigureAwait(false);
        if (reply.IsNull)
        {
            return false;
        }

        await NudgeAsync(stream).ConfigureAwait(false);
        return true;
    }

    /// <summary>Reads entries of a key between two ids, oldest first. An id behind <c>(</c> is excluded.</summary>
    public async Task<IReadOnlyList<RawEntry>> RangeAsync(string key, string from, string to, int count, CancellationToken cancellationToken) =>
        RawEntry.ReadMany(await ExecuteAsync("XRANGE", [(RedisKey)key, from, to, "COUNT", count], cancellationToken).ConfigureAwait(false), deliveries: 0);

    /// <summary>How many entries the stream holds.</summary>
    public async Task<long> LengthAsync(string key, CancellationToken cancellationToken) =>
        (long)await ExecuteAsync("XLEN", [(RedisKey)key], cancellationToken).ConfigureAwait(false);

    /// <summary>Drops entries with ids below the bound. Returns how many went.</summary>
    public async Task<long> TrimBelowAsync(StreamName stream, string bound, CancellationToken cancellationToken) =>
        (long)await ExecuteAsync("XTRIM", [(RedisKey)stream.Key, "MINID", "=", bound], cancellationToken).ConfigureAwait(false);

    /// <summary>Lets a key go after a while.</summary>
    public Task ExpireAsync(StreamName stream, TimeSpan after, CancellationToken cancellationToken) =>
        ExecuteAsync("PEXPIRE", [(RedisKey)stream.Key, Milliseconds(after)], cancellationToken);

    /// <summary>Runs a script of <see cref="Scripts"/>.</summary>
    public Task<RedisResult> EvaluateAsync(string script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken) =>
        LimitAsync(Database.ScriptEvaluateAsync(script, keys, arguments), cancellationToken);

    /// <summary>Wakes the readers of a stream, in every process. Lost without harm: readers also look by themselves.</summary>
    public Task NudgeAsync(StreamName stream) => multiplexer.GetSubscriber().PublishAsync(Channel(stream), "", CommandFlags.FireAndForget);

    /// <summary>Calls back on every nudge, and when a lost connection is back: nudges may have been missed meanwhile.</summary>
    /// <returns>Ends the subscription.</returns>
    public async Task<IAsyncDisposable> SubscribeAsync(StreamName stream, Action nudged, CancellationToken cancellationToken)
    {
        var channel = Channel(stream);
        var subscriber = multiplexer.GetSubscriber();
        void OnMessage(RedisChannel from, RedisValue message) => nudged();
        void OnRestored(object? sender, ConnectionFailedEventArgs args) => nudged();
        Task EndAsync() => subscriber.UnsubscribeAsync(channel, OnMessage, CommandFlags.FireAndForget);
        var subscribed = subscriber.SubscribeAsync(channel, OnMessage);
        try
        {
            await LimitAsync(subscribed, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // It may be on its way all the same, and would then stand for ever.
            _ = subscribed.ContinueWith(_ => EndAsync(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }

        multiplexer.ConnectionRestored += OnRestored;
        return new Subscription(async () =>
        {
            multiplexer.ConnectionRestored -= OnRestored;
            await EndAsync().ConfigureAwait(false);
        });
    }

    private Task<RedisResult> ExecuteAsync(string command, object[] arguments, CancellationToken cancellationToken) =>
        LimitAsync(Database.ExecuteAsync(command, arguments), cancellationToken);

    // The old client has no time limit of its own on asynchronous commands: a connection that hangs would hang its caller.
    private async Task<T> LimitAsync<T>(Task<T> command, CancellationToken cancellationToken)
    {
        await LimitAsync((Task)command, cancellationToken).ConfigureAwait(false);
        return await command.ConfigureAwait(false);
    }

    private async Task LimitAsync(Task command, CancellationToken cancellationToken)
    {
        try
        {
            await command.WaitAsync(_options.CommandTimeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception) when (exception is not RedisTimeoutException)
        {
            throw new StreamTimeoutException($"Redis did not answer within {_options.CommandTimeout.TotalSeconds:0.###} s.", exception);
        }
    }

    private static RedisChannel Channel(StreamName stream) => new(stream.NudgeChannel, RedisChannel.PatternMode.Literal);

    private static string Milliseconds(TimeSpan span) => ((long)span.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    private sealed class Subscription(Func<Task> end) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await end().ConfigureAwait(false);
    }
}
