using System.Globalization;
using System.Text;
using AgentPlatform.Streams;
using AgentPlatform.Streams.Redis;
using AgentPlatform.Tests.Hosts;
using Microsoft.Extensions.DependencyInjection;

namespace AgentPlatform.Tests.Streams;

public sealed class EventLogTests
{
    [Fact]
    public async Task AnEntryAppendedTwiceIsThereOnceAndAGapIsRefused()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await StreamsNode.StartAsync(server);
        var log = node.Logs.Name("runs.one");

        Assert.Equal(new AppendResult(false, 3, 3), await AppendAsync(node, log, 1, 3));
        Assert.Equal(new AppendResult(false, 0, 3), await AppendAsync(node, log, 2, 3));
        Assert.Equal(new AppendResult(false, 2, 5), await AppendAsync(node, log, 2, 5));
        Assert.Equal(new AppendResult(true, 0, 5), await AppendAsync(node, log, 7, 7));

        Assert.Equal([1, 2, 3, 4, 5], await ReadAsync(node, log, 0, 5));
        Assert.Equal(5, await node.Logs.LastAsync(log, CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => AppendAsync(node, log, 0, 0));
    }

    [Fact]
    public async Task AnEntryIsEncodedForServerSentEvents()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await StreamsNode.StartAsync(server);
        var log = node.Logs.Name("runs.one");
        await node.Logs.AppendAsync(log, 1, ["{\"text\":\"näher\"}"u8.ToArray()], CancellationToken.None);

        var entry = await FirstAsync(node, log);

        Assert.Equal("id: 1\ndata: {\"text\":\"näher\"}\n\n", Encoding.UTF8.GetString(entry.ServerSentEvent.Span));
        Assert.Equal("{\"text\":\"näher\"}", Encoding.UTF8.GetString(entry.Json.Span));
    }

    [Fact]
    public async Task AHundredReadersShareOneTailAndOneEncoding()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await StreamsNode.StartAsync(server);
        var log = node.Logs.Name("runs.one");
        await AppendAsync(node, log, 1, 1);
        using var stop = new CancellationTokenSource(StreamsNode.Patience);
        var started = 0;
        var readers = Enumerable.Range(0, 100).Select(async _ =>
        {
            List<EventLogEntry> seen = [];
            await foreach (var entry in node.Logs.ReadAsync(log, 0, loader: null, stop.Token))
            {
                seen.Add(entry);
                Interlocked.Increment(ref started);
                if (entry.Sequence == 201)
                {
                    break;
                }
            }

            return seen;
        }).ToList();
        await Eventually.TrueAsync(() => Volatile.Read(ref started) == 100, "all readers reading");
        var before = await node.CallsAsync("xrange");

        for (var n = 2; n <= 201; n++)
        {
            await AppendAsync(node, log, n, n);
        }

        var all = await Task.WhenAll(readers);
        Assert.All(all, seen => Assert.Equal(Enumerable.Range(1, 201).Select(n => (long)n), seen.Select(entry => entry.Sequence)));
        Assert.All(all, seen => Assert.Same(all[0][200], seen[200]));
        Assert.InRange(await node.CallsAsync("xrange") - before, 1, 2 * 200);
    }

    [Fact]
    public async Task ReplayAndLiveMeetWithoutGapOrDuplicate()
    {
        const int Total = 3_000;
        await using var server = await RedisServer.StartAsync();
        await using var node = await StreamsNode.StartAsync(server, builder => builder.Services.Configure<StreamsOptions>(options => options.TailEntriesMax = 16));
        var log = node.Logs.Name("runs.one");
        var written = 0L;
        var writer = Task.Run(async () =>
        {
            for (var n = 1; n <= Total; n += 5)
            {
                await AppendAsync(node, log, n, n + 4);
                Volatile.Write(ref written, n + 4);
            }
        });

        var readers = new List<Task>();
        for (var join = 0; join < 20; join++)
        {
            await Eventually.TrueAsync(() => Volatile.Read(ref written) >= join * 100, "the writer gets on");
            long from = join % 2 == 0 ? 0 : Volatile.Read(ref written) - 1;
            readers.Add(Task.Run(async () => Assert.Equal(
                Enumerable.Range((int)from + 1, Total - (int)from).Select(n => (long)n), await ReadAsync(node, log, from, Total))));
        }

        await Task.WhenAll([writer, .. readers]).WaitAsync(StreamsNode.Patience);
    }

    [Fact]
    public async Task AReaderTooSlowForTheTailReadsOnFromStorage()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await StreamsNode.StartAsync(server, builder => builder.Services.Configure<StreamsOptions>(options => options.TailEntriesMax = 8));
        var log = node.Logs.Name("runs.one");
        await AppendAsync(node, log, 1, 1);
        using var stop = new CancellationTokenSource(StreamsNode.Patience);
        await using var slow = node.Logs.ReadAsync(log, 0, loader: null, stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await slow.MoveNextAsync());

        await AppendAsync(node, log, 2, 1_000);
        Assert.Equal(1_000, (await ReadAsync(node, log, 0, 1_000)).Count);

        for (var n = 2; n <= 1_000; n++)
        {
            Assert.True(await slow.MoveNextAsync());
            Assert.Equal(n, slow.Current.Sequence);
        }
    }

    [Fact]
    public async Task WhatWasTrimmedComesFromItsOwner()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await StreamsNode.StartAsync(server);
        var log = node.Logs.Name("runs.one");
        var owner = new Owner(node, log);
        await owner.WriteAsync(600);

        Assert.Equal(550, await node.Logs.TrimBehindAsync(log, 550, CancellationToken.None));

        Assert.Equal(Enumerable.Range(11, 590).Select(n => (long)n), await ReadAsync(node, log, 10, 600, owner.LoadAsync));
        Assert.Equal([551, 552], (await ReadAsync(node, log, 550, 600)).Take(2));
        await Assert.ThrowsAsync<EventLogGapException>(() => ReadAsync(node, log, 10, 600));
    }

    [Fact]
    public async Task ALogThatRedisLostIsRebuiltUnderTheSameNumbers()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await StreamsNode.StartAsync(server);
        var log = node.Logs.Name("runs.one");
        var owner = new Owner(node, log);
        await owner.WriteAsync(50);
        using var stop = new CancellationTokenSource(StreamsNode.Patience);
        await using var live = node.Logs.ReadAsync(log, 0, owner.LoadAsync, stop.Token).GetAsyncEnumerator(stop.Token);
        await ExpectAsync(live, 1, 50);

        await node.RawAsync("FLUSHALL");
        await owner.WriteAsync(10);
        Assert.Equal(1, owner.Gaps);

        await ExpectAsync(live, 51, 60);
        Assert.Equal(Enumerable.Range(1, 60).Select(n => (long)n), await ReadAsync(node, log, 0, 60, owner.LoadAsync));
    }

    [Fact]
    public async Task ALogThatRedisHoldsTooOldGoesOnWithoutAHole()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await StreamsNode.StartAsync(server);
        var log = node.Logs.Name("runs.one");
        var owner = new Owner(node, log);
        await owner.WriteAsync(20);
        var old = (byte[])(await node.RawAsync("DUMP", (StackExchange.Redis.RedisKey)log.Key))!;
        await owner.WriteAsync(20);
        await node.RawAsync("RESTORE", (StackExchange.Redis.RedisKey)log.Key, 0, old, "REPLACE");
        Assert.Equal(20, await node.Logs.LastAsync(log, CancellationToken.None));

        await owner.WriteAsync(5);

        Assert.Equal(1, owner.Gaps);
        Assert.Equal(Enumerable.Range(1, 45).Select(n => (long)n), await ReadAsync(node, log, 0, 45, owner.LoadAsync));
        Assert.Equal(5, await node.Publisher.LengthAsync(log, CancellationToken.None));
    }

    [Fact]
    public async Task AReaderOfAnEmptyRedisGetsWhatTheOwnerKeepsAndThenWhatComes()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await StreamsNode.StartAsync(server);
        var log = node.Logs.Name("runs.one");
        var owner = new Owner(node, log);
        await owner.WriteAsync(30);
        await node.RawAsync("FLUSHALL");
        using var stop = new CancellationTokenSource(StreamsNode.Patience);
        await using var reader = node.Logs.ReadAsync(log, 0, owner.LoadAsync, stop.Token).GetAsyncEnumerator(stop.Token);

        await ExpectAsync(reader, 1, 30);
        await owner.WriteAsync(3);
        await ExpectAsync(reader, 31, 33);
    }

    [Fact]
    public async Task WhileRedisIsAwayReadersGetWhatTheOwnerKeeps()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await StreamsNode.StartAsync(server, builder => builder.Services.Configure<StreamsOptions>(
            options => options.TailFallbackInterval = TimeSpan.FromMilliseconds(100)));
        var log = node.Logs.Name("runs.one");
        var owner = new Owner(node, log);
        await owner.WriteAsync(5);
        using var stop = new CancellationTokenSource(StreamsNode.Patience);
        await using var reader = node.Logs.ReadAsync(log, 0, owner.LoadAsync, stop.Token).GetAsyncEnumerator(stop.Token);
        await ExpectAsync(reader, 1, 5);

        await server.StopAsync();
        owner.Keep(5);
        await ExpectAsync(reader, 6, 10);

        await server.StartAgainAsync();
        await Eventually.TrueAsync(async () => await owner.TryAppendAsync(), "appended after the restart");
        await owner.WriteAsync(2);
        await ExpectAsync(reader, 11, 12);
    }

    [Fact]
    public async Task TheTailEndsWithItsLastReader()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await StreamsNode.StartAsync(server);
        var log = node.Logs.Name("runs.one");
        await AppendAsync(node, log, 1, 2);
        Assert.Equal([1, 2], await ReadAsync(node, log, 0, 2));

        await Eventually.TrueAsync(
            async () => (long)((StackExchange.Redis.RedisResult[])(await node.RawAsync("PUBSUB", "NUMSUB", log.NudgeChannel))!)[1] == 0, "nobody subscribed");
    }

    [Fact]
    public async Task ASubscriptionThatIsGivenUpWhileItIsOnItsWayDoesNotStand()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await StreamsNode.StartAsync(server);
        var streams = node.Services.GetRequiredService<RedisStreams>();
        var log = node.Logs.Name("runs.one");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => streams.SubscribeAsync(log, () => { }, new CancellationToken(canceled: true)));

        // The next one takes its turn behind it, so that there is something to see.
        await (await streams.SubscribeAsync(log, () => { }, CancellationToken.None)).DisposeAsync();
        await Eventually.TrueAsync(
            async () => (long)((StackExchange.Redis.RedisResult[])(await node.RawAsync("PUBSUB", "NUMSUB", log.NudgeChannel))!)[1] == 0, "nobody subscribed");
    }

    private static Task<AppendResult> AppendAsync(StreamsNode node, StreamName log, int first, int last) =>
        node.Logs.AppendAsync(log, first, Bodies(first, last), CancellationToken.None);

    private static IReadOnlyList<ReadOnlyMemory<byte>> Bodies(int first, int last) =>
        [.. Enumerable.Range(first, last - first + 1).Select(n => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"n\":{n}}}")))];

    private static async Task<IReadOnlyList<long>> ReadAsync(StreamsNode node, StreamName log, long after, long last, EventLogLoader? loader = null)
    {
        using var stop = new CancellationTokenSource(StreamsNode.Patience);
        List<long> seen = [];
        await foreach (var entry in node.Logs.ReadAsync(log, after, loader, stop.Token))
        {
            Assert.Equal($"{{\"n\":{entry.Sequence}}}", Encoding.UTF8.GetString(entry.Json.Span));
            seen.Add(entry.Sequence);
            if (entry.Sequence == last)
            {
                break;
            }
        }

        return seen;
    }

    private static async Task<EventLogEntry> FirstAsync(StreamsNode node, StreamName log)
    {
        using var stop = new CancellationTokenSource(StreamsNode.Patience);
        await using var reader = node.Logs.ReadAsync(log, 0, loader: null, stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await reader.MoveNextAsync());
        return reader.Current;
    }

    private static async Task ExpectAsync(IAsyncEnumerator<EventLogEntry> reader, int first, int last)
    {
        for (var n = first; n <= last; n++)
        {
            Assert.True(await reader.MoveNextAsync());
            Assert.Equal(n, reader.Current.Sequence);
        }
    }

    /// <summary>Keeps a log for good and appends to Redis behind it, as a service with Postgres does.</summary>
    private sealed class Owner(StreamsNode node, StreamName log)
    {
        private readonly Lock _lock = new();
        private int _kept;

        public int Gaps { get; private set; }

        public void Keep(int count)
        {
            lock (_lock)
            {
                _kept += count;
            }
        }

        public async Task WriteAsync(int count)
        {
            var first = _kept + 1;
            Keep(count);
            var result = await AppendAsync(node, log, first, _kept);
            if (result.IsGap)
            {
                Gaps++;
                await node.Logs.RebaseAsync(log, first - 1, CancellationToken.None);
                result = await AppendAsync(node, log, first, _kept);
            }

            Assert.Equal(count, result.Appended);
        }

        public async Task<bool> TryAppendAsync()
        {
            try
            {
                var last = (int)await node.Logs.LastAsync(log, CancellationToken.None);
                return last == _kept || (await AppendAsync(node, log, last + 1, _kept)).LastSequence == _kept;
            }
            catch (Exception exception) when (exception is StackExchange.Redis.RedisException or TimeoutException)
            {
                return false;
            }
        }

        public Task<IReadOnlyList<EventLogRecord>> LoadAsync(long afterSequence, int max, CancellationToken cancellationToken)
        {
            lock (_lock)
            {
                var last = (int)Math.Min(afterSequence + max, _kept);
                return Task.FromResult<IReadOnlyList<EventLogRecord>>(last <= afterSequence
                    ? []
                    : [.. Bodies((int)afterSequence + 1, last).Select((body, index) => new EventLogRecord(afterSequence + 1 + index, body))]);
            }
        }
    }
}
