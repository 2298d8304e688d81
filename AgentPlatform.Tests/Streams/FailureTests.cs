using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using AgentPlatform.Streams;
using AgentPlatform.Tests.Hosts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace AgentPlatform.Tests.Streams;

/// <summary>What consumers do when entries, processes or Redis fail.</summary>
public sealed class FailureTests
{
    [Fact]
    public async Task WhatADeadConsumerHeldIsHandledByAnother()
    {
        await using var server = await RedisServer.StartAsync();
        await using var writer = await StreamsNode.StartAsync(server);
        await DieHoldingAsync(writer, entries: 1);
        var handler = new ScriptedHandler();

        await using var node = await StreamsNode.ConsumeAsync(server, handler, options => options.ReclaimIdle = TimeSpan.FromMilliseconds(150));

        await Eventually.TrueAsync(() => handler.Handled.Count == 1, "the entry handled");
        Assert.Equal(2, handler.Attempts[0].Deliveries);
        await Eventually.TrueAsync(async () => await node.PendingAsync() == 0, "acknowledged");
    }

    [Fact]
    public async Task ReclaimFollowsItsCursorThroughMoreThanOnePage()
    {
        await using var server = await RedisServer.StartAsync();
        await using var writer = await StreamsNode.StartAsync(server);
        await DieHoldingAsync(writer, entries: 300);
        var handler = new ScriptedHandler();

        await using var node = await StreamsNode.ConsumeAsync(server, handler, options =>
        {
            options.ReclaimIdle = TimeSpan.FromMilliseconds(600);
            options.ReclaimPage = 16;
            options.ConcurrencyMax = 32;
        });

        await Eventually.TrueAsync(() => handler.Handled.Count >= 300, "300 entries handled");
        Assert.Equal(300, handler.Handled.Distinct().Count());
        Assert.True(await node.CallsAsync("xautoclaim") >= 300 / 16);
        await Eventually.TrueAsync(async () => await node.PendingAsync() == 0, "all acknowledged");
    }

    [Fact]
    public async Task AnEntryAtWorkForLongIsNotTakenOver()
    {
        await using var server = await RedisServer.StartAsync();
        var release = new TaskCompletionSource();
        var slow = new ScriptedHandler((_, token) => release.Task.WaitAsync(token));
        await using var first = await StreamsNode.ConsumeAsync(server, slow, options => options.ReclaimIdle = TimeSpan.FromSeconds(2));
        await first.PublishAsync("long");
        await Eventually.TrueAsync(() => slow.Attempts.Count == 1, "at work");
        var other = new ScriptedHandler();
        await using var second = await StreamsNode.ConsumeAsync(server, other, options => options.ReclaimIdle = TimeSpan.FromSeconds(2));
        var before = await second.CallsAsync("xautoclaim");

        // Both sweep every third of the idle time: nine sweeps are three times the idle time, give or take.
        await Eventually.TrueAsync(async () => await second.CallsAsync("xautoclaim") >= before + 18, "many sweeps");

        Assert.Empty(other.Attempts);
        release.SetResult();
        await Eventually.TrueAsync(() => slow.Handled.Count == 1, "handled by the first");
        Assert.Single(slow.Attempts);
    }

    [Fact]
    public async Task AnEntryThatAlwaysFailsIsDeadLetteredOnceAndThenAcknowledged()
    {
        await using var server = await RedisServer.StartAsync();
        var handler = new ScriptedHandler((_, _) => throw new InvalidOperationException("no good"));
        await using var node = await StreamsNode.ConsumeAsync(server, handler, options => options.DeliveriesMax = 3);

        var id = await node.PublishAsync("poison");

        await Eventually.TrueAsync(async () => (await ListAsync(node)).Count == 1, "a dead letter");
        await Eventually.TrueAsync(async () => await node.PendingAsync() == 0, "acknowledged");
        var letter = Assert.Single(await ListAsync(node));
        Assert.Equal((id, "workers", "InvalidOperationException: no good", 3), (letter.EntryId, letter.Group, letter.Cause, letter.Deliveries));
        Assert.Contains("poison", Encoding.UTF8.GetString(letter.Body.Span), StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], handler.Attempts.Select(attempt => attempt.Deliveries));
        Assert.Equal("poison", Assert.Single(handler.Buried).Text);
    }

    [Fact]
    public async Task AnEntryThatKillsItsConsumersIsGivenUpUnhandled()
    {
        await using var server = await RedisServer.StartAsync();
        await using var writer = await StreamsNode.StartAsync(server);
        var id = (await DieHoldingAsync(writer, entries: 1))[0];
        await writer.RawAsync("XCLAIM", (RedisKey)writer.Name().Key, "workers", "dead", 0, id, "RETRYCOUNT", 5);
        var handler = new ScriptedHandler();

        await using var node = await StreamsNode.ConsumeAsync(server, handler, options => options.ReclaimIdle = TimeSpan.FromMilliseconds(150));

        await Eventually.TrueAsync(async () => (await ListAsync(node)).Count == 1, "a dead letter");
        Assert.Empty(handler.Attempts);
        Assert.Equal("delivered 6 times and never acknowledged", Assert.Single(handler.Buried).Cause);
    }

    [Fact]
    public async Task AnOutageIsWaitedOutAndNeverBlamedOnTheEntry()
    {
        await using var server = await RedisServer.StartAsync();
        var attempts = 0;
        var handler = new ScriptedHandler((_, _) => Interlocked.Increment(ref attempts) < 12 ? throw new TimeoutException("the database is away") : Task.CompletedTask);
        await using var node = await StreamsNode.ConsumeAsync(server, handler, options =>
        {
            options.DeliveriesMax = 2;
            options.IsOutage = exception => exception is TimeoutException;
        });

        await node.PublishAsync("patient");

        await Eventually.TrueAsync(() => handler.Handled.Count == 1, "handled at last");
        Assert.Equal(12, attempts);
        Assert.Empty(await ListAsync(node));
    }

    [Fact]
    public async Task AnEntryIsNotTriedAgainSoonerThanItsFailureAsksFor()
    {
        await using var server = await RedisServer.StartAsync();
        var attempts = new ConcurrentQueue<long>();
        var handler = new ScriptedHandler((_, _) =>
        {
            attempts.Enqueue(Stopwatch.GetTimestamp());
            return attempts.Count == 1 ? throw new TimeoutException("limited") : Task.CompletedTask;
        });
        await using var node = await StreamsNode.ConsumeAsync(server, handler, options =>
        {
            options.IsOutage = exception => exception is TimeoutException;
            options.PauseMin = exception => exception is TimeoutException ? TimeSpan.FromMilliseconds(400) : TimeSpan.Zero;
        });

        await node.PublishAsync("patient");

        await Eventually.TrueAsync(() => handler.Handled.Count == 1, "handled at last");
        var (first, second) = (attempts.First(), attempts.Last());
        Assert.True(Stopwatch.GetElapsedTime(first, second) >= TimeSpan.FromMilliseconds(390));
    }

    [Fact]
    public async Task WhileTooManyEntriesWaitNoNewOnesAreRead()
    {
        await using var server = await RedisServer.StartAsync();
        var broken = true;
        var handler = new ScriptedHandler((_, _) => Volatile.Read(ref broken) ? throw new TimeoutException("away") : Task.CompletedTask);
        await using var node = await StreamsNode.ConsumeAsync(server, handler, options =>
        {
            (options.ConcurrencyMax, options.WaitingMax) = (2, 4);
            options.RetryDelay = options.RetryDelayMax = TimeSpan.FromMilliseconds(50);
            options.IsOutage = exception => exception is TimeoutException;
        });

        await Task.WhenAll(Enumerable.Range(0, 50).Select(n => node.PublishAsync($"{n}")));
        await Eventually.TrueAsync(() => handler.Attempts.Count > 30, "many attempts");

        Assert.InRange(await node.PendingAsync(), 1, 4 + 2);
        Volatile.Write(ref broken, false);
        await Eventually.TrueAsync(() => handler.Handled.Count == 50, "all handled");
    }

    [Fact]
    public async Task WhatIsNoEnvelopeGoesToTheDeadLetters()
    {
        await using var server = await RedisServer.StartAsync();
        var handler = new ScriptedHandler();
        await using var node = await StreamsNode.ConsumeAsync(server, handler);

        await node.RawAsync("XADD", (RedisKey)node.Name().Key, "*", "e", "{\"id\":");
        await node.RawAsync("XADD", (RedisKey)node.Name().Key, "*", "something", "else");
        await node.PublishAsync("good");

        await Eventually.TrueAsync(async () => (await ListAsync(node)).Count == 2 && handler.Handled.Count == 1, "two dead letters and a good entry");
        Assert.All(await ListAsync(node), letter => Assert.Equal("not an event envelope", letter.Cause));
        await Eventually.TrueAsync(async () => await node.PendingAsync() == 0, "all acknowledged");
    }

    [Fact]
    public async Task ARevivedDeadLetterIsHandledAgain()
    {
        await using var server = await RedisServer.StartAsync();
        var broken = true;
        var handler = new ScriptedHandler((_, _) => Volatile.Read(ref broken) ? throw new PoisonEntryException("not today") : Task.CompletedTask);
        await using var node = await StreamsNode.ConsumeAsync(server, handler);
        await node.PublishAsync("again");
        await Eventually.TrueAsync(async () => (await ListAsync(node)).Count == 1, "a dead letter");

        Volatile.Write(ref broken, false);
        Assert.True(await node.DeadLetters.ReviveAsync(node.Name(), (await ListAsync(node))[0].Id, CancellationToken.None));

        await Eventually.TrueAsync(() => handler.Handled.Count == 1, "handled");
        Assert.Empty(await ListAsync(node));
        Assert.False(await node.DeadLetters.ReviveAsync(node.Name(), "1-1", CancellationToken.None));
    }

    [Fact]
    public async Task AfterRedisIsEmptiedWhatIsPublishedIsHandled()
    {
        await using var server = await RedisServer.StartAsync();
        var release = new TaskCompletionSource();
        var handler = new ScriptedHandler((entry, token) => ScriptedHandler.Text(entry) == "held" ? release.Task.WaitAsync(token) : Task.CompletedTask);
        await using var node = await StreamsNode.ConsumeAsync(server, handler, options => options.ReclaimIdle = TimeSpan.FromMilliseconds(150));
        await node.PublishAsync("held");
        await Eventually.TrueAsync(() => handler.Attempts.Count == 1, "one at work");

        await node.RawAsync("FLUSHALL");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(n => node.PublishAsync($"{n}")));
        release.SetResult();

        await Eventually.TrueAsync(() => handler.Handled.Distinct().Count() == 21, "everything handled");
        await Eventually.TrueAsync(async () => await node.PendingAsync() == 0, "all acknowledged");
        Assert.Empty(await ListAsync(node));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ARestartOfRedisLosesNothing(bool crash)
    {
        await using var server = await RedisServer.StartAsync("appendfsync always");
        var handler = new ScriptedHandler();
        await using var node = await StreamsNode.ConsumeAsync(server, handler);
        await node.PublishAsync("before");
        await Eventually.TrueAsync(() => handler.Handled.Count == 1, "one handled before");

        await server.StopAsync(crash);
        await server.StartAgainAsync();
        await Eventually.TrueAsync(() => TryPublishAsync(node, "after"), "published after the restart");

        await Eventually.TrueAsync(() => handler.Handled.Contains("after"), "handled after the restart");
        await Eventually.TrueAsync(async () => await node.PendingAsync() == 0, "all acknowledged");
    }

    [Fact]
    public async Task ALoopThatCannotReachRedisIsReportedUntilItCanAgain()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await StreamsNode.ConsumeAsync(server, new ScriptedHandler(), options => options.ReclaimIdle = TimeSpan.FromMilliseconds(150));
        var health = node.Services.GetRequiredService<HealthCheckService>();
        await Eventually.TrueAsync(async () => (await health.CheckHealthAsync()).Status == HealthStatus.Healthy, "healthy at first");

        await server.StopAsync();
        await Eventually.TrueAsync(async () => (await health.CheckHealthAsync()).Status == HealthStatus.Degraded, "reported");
        Assert.Contains("jobs:workers", (await health.CheckHealthAsync()).Entries["loops"].Description, StringComparison.Ordinal);

        await server.StartAgainAsync();
        await Eventually.TrueAsync(async () => (await health.CheckHealthAsync()).Status == HealthStatus.Healthy, "healthy again");
    }

    private static Task<IReadOnlyList<DeadLetter>> ListAsync(StreamsNode node) => node.DeadLetters.ListAsync(node.Name(), null, 100, CancellationToken.None);

    /// <summary>Leaves what a killed process leaves: entries delivered to a consumer that will never speak again.</summary>
    private static async Task<IReadOnlyList<string>> DieHoldingAsync(StreamsNode writer, int entries)
    {
        var key = (RedisKey)writer.Name().Key;
        var ids = await Task.WhenAll(Enumerable.Range(0, entries).Select(n => writer.PublishAsync($"{n}")));
        await writer.RawAsync("XGROUP", "CREATE", key, "workers", "0");
        await writer.RawAsync("XREADGROUP", "GROUP", "workers", "dead", "COUNT", entries, "STREAMS", key, ">");
        return ids;
    }

    private static async Task<bool> TryPublishAsync(StreamsNode node, string text)
    {
        try
        {
            await node.PublishAsync(text);
            return true;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return false;
        }
    }
}
