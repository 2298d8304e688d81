using System.Diagnostics;
using AgentPlatform.Streams;
using AgentPlatform.Tests.Hosts;
using Microsoft.Extensions.DependencyInjection;

namespace AgentPlatform.Tests.Streams;

public sealed class ConsumerTests
{
    [Fact]
    public async Task EachEntryIsHandledAndAcknowledged()
    {
        await using var server = await RedisServer.StartAsync();
        var handler = new ScriptedHandler();
        await using var node = await StreamsNode.ConsumeAsync(server, handler);

        await Task.WhenAll(Enumerable.Range(0, 500).Select(n => node.PublishAsync($"{n}")));

        await Eventually.TrueAsync(() => handler.Handled.Count >= 500, "500 entries handled");
        Assert.Equal(Enumerable.Range(0, 500).Select(n => $"{n}").Order(), handler.Handled.Order());
        await Eventually.TrueAsync(async () => await node.PendingAsync() == 0, "all acknowledged");
    }

    [Fact]
    public async Task ANudgeWakesTheConsumerAndNothingPolls()
    {
        await using var server = await RedisServer.StartAsync();
        var handler = new ScriptedHandler();
        await using var node = await StreamsNode.ConsumeAsync(server, handler, options =>
        {
            options.FallbackInterval = options.FallbackIntervalMax = TimeSpan.FromHours(1);
            options.ReclaimIdle = TimeSpan.FromMinutes(30);
        });
        await node.PublishAsync("first");
        await Eventually.TrueAsync(() => handler.Handled.Count == 1, "the first entry handled");
        var before = await node.CallsAsync("xreadgroup");

        for (var n = 2; n <= 20; n++)
        {
            await node.PublishAsync($"{n}");
            await Eventually.TrueAsync(() => handler.Handled.Count == n, $"entry {n} handled");
        }

        // One read for each nudge, and at most one more for a nudge that came while it was read.
        Assert.InRange(await node.CallsAsync("xreadgroup") - before, 19, 2 * 19);
        Assert.Equal(0, await node.CallsAsync("keys"));
    }

    [Fact]
    public async Task NoMoreHandlersRunThanAllowed()
    {
        await using var server = await RedisServer.StartAsync();
        var (running, most) = (0, 0);
        var handler = new ScriptedHandler(async (_, token) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await Task.Delay(5, token);
            Interlocked.Decrement(ref running);
        });
        await using var node = await StreamsNode.ConsumeAsync(server, handler, options => options.ConcurrencyMax = 3);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(n => node.PublishAsync($"{n}")));

        await Eventually.TrueAsync(() => handler.Handled.Count == 60, "60 entries handled");
        Assert.InRange(most, 2, 3);
    }

    [Fact]
    public async Task ABusyConsumerLeavesEntriesToOthers()
    {
        await using var server = await RedisServer.StartAsync();
        var release = new TaskCompletionSource();
        var busy = new ScriptedHandler((_, token) => release.Task.WaitAsync(token));
        await using var first = await StreamsNode.ConsumeAsync(server, busy, options => options.ConcurrencyMax = 2);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(n => first.PublishAsync($"{n}")));
        await Eventually.TrueAsync(() => busy.Attempts.Count == 2, "the first consumer busy");
        var idle = new ScriptedHandler();
        await using var second = await StreamsNode.ConsumeAsync(server, idle);

        await Task.WhenAll(Enumerable.Range(2, 10).Select(n => first.PublishAsync($"{n}")));

        await Eventually.TrueAsync(() => idle.Handled.Count == 10, "ten entries handled by the second consumer");
        release.SetResult();
    }

    [Fact]
    public async Task ABatchThatFailsIsTriedAgainOneByOne()
    {
        await using var server = await RedisServer.StartAsync();
        await using var writer = await StreamsNode.StartAsync(server);
        foreach (var text in new[] { "good", "bad", "better" })
        {
            await writer.PublishAsync(text);
        }

        var handler = new ScriptedHandler((entry, _) => ScriptedHandler.Text(entry) == "bad" ? throw new PoisonEntryException("it is bad") : Task.CompletedTask);
        await using var node = await StreamsNode.ConsumeAsync(server, handler, options => (options.BatchMax, options.ConcurrencyMax) = (10, 1));

        await Eventually.TrueAsync(() => handler.Handled.Count == 2 && handler.Buried.Count == 1, "two handled and one given up");
        Assert.Equal(3, handler.Batches[0]);
        Assert.Equal(["better", "good"], handler.Handled.Order());
        Assert.Equal(("bad", "it is bad"), Assert.Single(handler.Buried));
    }

    [Fact]
    public async Task TheHandlersSpanIsAChildOfTheSpanThatCausedTheEntry()
    {
        await using var server = await RedisServer.StartAsync();
        var seen = new TaskCompletionSource<(ActivityTraceId Trace, ActivitySpanId Parent)>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == StreamsTelemetry.Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        var handler = new ScriptedHandler((_, _) =>
        {
            seen.TrySetResult((Activity.Current!.TraceId, Activity.Current.ParentSpanId));
            return Task.CompletedTask;
        });
        await using var node = await StreamsNode.ConsumeAsync(server, handler);

        await node.Publisher.PublishAsync(
            node.Name(), StreamsNode.Envelope("traced", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), CancellationToken.None);

        var (trace, parent) = await seen.Task.WaitAsync(StreamsNode.Patience);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", trace.ToHexString());
        Assert.Equal("b7ad6b7169203331", parent.ToHexString());
    }

    [Fact]
    public async Task OnlyWhatEveryGroupHasAcknowledgedIsTrimmed()
    {
        await using var server = await RedisServer.StartAsync();
        var quick = new ScriptedHandler();
        await using var first = await StreamsNode.ConsumeAsync(server, quick, options => options.ReclaimIdle = TimeSpan.FromMilliseconds(150), group: "quick");
        var release = new TaskCompletionSource();
        var slow = new ScriptedHandler((entry, token) => ScriptedHandler.Text(entry) == "2" ? release.Task.WaitAsync(token) : Task.CompletedTask);
        await using var second = await StreamsNode.ConsumeAsync(server, slow, options => options.ReclaimIdle = TimeSpan.FromMilliseconds(150), group: "slow");

        for (var n = 1; n <= 4; n++)
        {
            await first.PublishAsync($"{n}");
        }

        await Eventually.TrueAsync(() => quick.Handled.Count == 4 && slow.Handled.Count == 3, "all but one handled by both");
        await Eventually.TrueAsync(async () => await first.Publisher.LengthAsync(first.Name(), CancellationToken.None) == 3, "the first entry trimmed");
        release.SetResult();
        await Eventually.TrueAsync(async () => await first.Publisher.LengthAsync(first.Name(), CancellationToken.None) == 0, "everything trimmed");
    }

    [Fact]
    public async Task AStoppingConsumerHandsBackWhatItCouldNotFinish()
    {
        await using var server = await RedisServer.StartAsync();
        var stuck = new ScriptedHandler((_, token) => Task.Delay(Timeout.Infinite, token));
        var first = await StreamsNode.ConsumeAsync(server, stuck);
        await first.PublishAsync("unfinished");
        await Eventually.TrueAsync(() => stuck.Attempts.Count == 1, "the first consumer at work");
        await first.DisposeAsync();

        // Far too long for a dead consumer's entry to be taken over: only one handed back can be.
        var handler = new ScriptedHandler();
        await using var second = await StreamsNode.ConsumeAsync(server, handler, options => options.ReclaimIdle = TimeSpan.FromMinutes(50));

        await Eventually.TrueAsync(() => handler.Handled.Count == 1, "handled by the second consumer");
    }

    [Fact]
    public void AnOptionOutOfRangeStopsTheStartAndNamesItsKey()
    {
        var validator = new StreamConsumerOptionsValidator("jobs:workers", "Streams:Consumers:jobs");

        var result = validator.Validate("jobs:workers", new StreamConsumerOptions { ConcurrencyMax = 0, RetryDelay = TimeSpan.FromMinutes(5) });

        Assert.True(result.Failed);
        Assert.Contains(result.Failures!, failure => failure.Contains("Streams:Consumers:jobs:ConcurrencyMax", StringComparison.Ordinal));
        Assert.Contains(result.Failures!, failure => failure.Contains("Streams:Consumers:jobs:RetryDelay", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task UpkeepFindsNothingToDoOnARedisThatIsNew(bool somebodyPublished)
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await StreamsNode.StartAsync(server);
        if (somebodyPublished)
        {
            await node.PublishAsync("first");
        }

        var setup = new StreamConsumerSetup(node.Name(), "workers", "one", new StreamConsumerOptions { TrimAcknowledged = true }, typeof(ScriptedHandler));
        using var processor = ActivatorUtilities.CreateInstance<EntryProcessor>(node.Services, setup);
        using var consumer = ActivatorUtilities.CreateInstance<StreamConsumer>(node.Services, setup, processor);

        // A read is on its way and has every slot, so there is none to reclaim into; it has not made the group yet.
        Assert.NotEqual(0, processor.TryReserve());

        await consumer.MaintainOnceAsync(CancellationToken.None);
    }
}
