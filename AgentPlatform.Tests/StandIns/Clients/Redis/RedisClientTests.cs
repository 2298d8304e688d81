using AgentPlatform.Tests.Hosts;
using StackExchange.Redis;

namespace AgentPlatform.Tests.StandIns.Clients.Redis;

/// <summary>What this solution asks of a Redis client, against a real server.</summary>
public sealed class RedisClientTests
{
    private const string Worker = "user worker on >let=me@in ~* &* +@all";

    [Fact]
    public async Task AUserIsKnownByNameOnEveryConnection()
    {
        await using var server = await RedisServer.StartAsync(Worker);
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionStringOf("worker", "let=me@in"));
        await client.GetSubscriber().SubscribeAsync(Literal("news"), (_, _) => { });

        Assert.Equal("worker", (string?)await client.GetDatabase().ExecuteAsync("ACL", "WHOAMI"));
        Assert.Equal(["worker", "worker"], await UsersOfConnectionsAsync(client));
    }

    [Fact]
    public async Task AfterTheServerRestartedCommandsAndMessagesGoOnUnderTheSameUser()
    {
        await using var server = await RedisServer.StartAsync(Worker);
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionStringOf("worker", "let=me@in"));
        var restored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client.ConnectionRestored += (_, args) => _ = args.ConnectionType == ConnectionType.Interactive && restored.TrySetResult();
        var messages = await client.GetSubscriber().SubscribeAsync(Literal("news"));

        await server.StopAsync(crash: true);
        await server.StartAgainAsync();
        await restored.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await Eventually.TrueAsync(async () => await client.GetSubscriber().PublishAsync(Literal("news"), "again") == 1, "the channel is listened to again");

        Assert.Equal("again", (await messages.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20))).Message);
        Assert.Equal(["worker", "worker"], await UsersOfConnectionsAsync(client));
    }

    [Fact]
    public async Task AWrongPasswordIsRefusedWithoutBeingShown()
    {
        await using var server = await RedisServer.StartAsync(Worker);

        var refused = await Assert.ThrowsAsync<RedisConnectionException>(
            () => ConnectionMultiplexer.ConnectAsync(server.ConnectionStringOf("worker", "guessed-secret") + ",connectRetry=0"));

        Assert.Equal(ConnectionFailureType.AuthenticationFailure, refused.FailureType);
        Assert.DoesNotContain("guessed-secret", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AUserWhoMayNeitherPingNorNameItselfCanWork()
    {
        await using var server = await RedisServer.StartAsync("user reader on >secret ~* +get");
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionStringOf("reader", "secret"));

        Assert.True((await client.GetDatabase().StringGetAsync("nothing")).IsNull);
        var refused = await Assert.ThrowsAsync<RedisServerException>(() => client.GetDatabase().StringSetAsync("a", "b"));
        Assert.StartsWith("NOPERM", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerThatComesLaterIsWaitedFor()
    {
        await using var server = await RedisServer.StartAsync();
        await server.StopAsync();
        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(server.ConnectionString + ",connectRetry=1"));
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString + ",abortConnect=false,asyncTimeout=100");
        Assert.False(client.IsConnected);
        await Assert.ThrowsAsync<RedisConnectionException>(() => client.GetDatabase().PingAsync());

        await server.StartAgainAsync();

        await Eventually.TrueAsync(() => client.IsConnected, "connected");
        await client.GetDatabase().PingAsync();
    }

    [Fact]
    public async Task ACommandWhoseReplyIsLostFailsAndIsNotRepeated()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var database = client.GetDatabase();
        await database.PingAsync();
        var blocked = database.ExecuteAsync("BLPOP", "list", "0");
        await Eventually.TrueAsync(async () => await BlockedClientsAsync(server) == 1, "the command is at the server");

        await server.StopAsync(crash: true);

        await Assert.ThrowsAsync<RedisConnectionException>(() => blocked);
        await server.StartAgainAsync();
        await database.PingAsync();
        Assert.Equal(0, await BlockedClientsAsync(server));
    }

    [Fact]
    public async Task ASilentConnectionIsGivenUpAndReplaced()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString + ",asyncTimeout=200");

        await Assert.ThrowsAsync<RedisTimeoutException>(() => client.GetDatabase().ExecuteAsync("BLPOP", "list", "0"));

        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return await client.GetDatabase().PingAsync() >= TimeSpan.Zero;
                }
                catch (Exception failure) when (failure is RedisTimeoutException or RedisConnectionException)
                {
                    return false;
                }
            },
            "answered on a new connection");
    }

    [Fact]
    public async Task AConnectionThatCarriesNothingIsTriedNowAndThen()
    {
        await using var server = await RedisServer.StartAsync("user idle on >secret ~* +@all");
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionStringOf("idle", "secret") + ",keepAlive=1");
        await client.GetDatabase().ExecuteAsync("CONFIG", "RESETSTAT");
        await using var admin = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);

        // One PING is the greeting of the one who looks.
        await Eventually.TrueAsync(
            async () =>
            {
                var statistics = (string)(await admin.GetDatabase().ExecuteAsync("INFO", "commandstats"))!;
                var calls = statistics.Split("cmdstat_ping:calls=")[^1].Split(',')[0];
                return int.Parse(calls, System.Globalization.CultureInfo.InvariantCulture) >= 3;
            },
            "tried twice");
    }

    [Fact]
    public async Task CommandsOfManyCallersKeepTheirReplies()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var (first, second) = (client.GetDatabase(0), client.GetDatabase(3));

        var echoes = await Task.WhenAll(Enumerable.Range(0, 5000).Select(async i =>
        {
            var database = i % 2 == 0 ? first : second;
            await database.StringIncrementAsync("count");
            return (string?)await database.ExecuteAsync("ECHO", i) == $"{i}";
        }));

        Assert.All(echoes, Assert.True);
        Assert.Equal(2500, (int)await first.StringGetAsync("count"));
        Assert.Equal(2500, (int)await second.StringGetAsync("count"));
    }

    [Fact]
    public async Task RepliesOfEveryShapeAreRead()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var database = client.GetDatabase();
        var large = new byte[5_000_000];
        Random.Shared.NextBytes(large);
        await database.StringSetAsync("large", large);

        var reply = (RedisResult[])(await database.ScriptEvaluateAsync(
            "return {1, false, 'text', {redis.call('GET', KEYS[1]), {}}, ARGV[1]}", ["large"], ["\r\n$-1\r\n"]))!;

        Assert.Equal(1, (int)reply[0]);
        Assert.True(reply[1].IsNull);
        Assert.Equal("text", (string?)reply[2]);
        Assert.Equal(large, (byte[]?)reply[3][0]);
        Assert.Empty((RedisResult[])reply[3][1]!);
        Assert.Equal("\r\n$-1\r\n", (string?)reply[4]);
        Assert.True((await database.ExecuteAsync("XREAD", "STREAMS", "none", "0")).IsNull);
    }

    [Fact]
    public async Task AScriptThatTheServerForgotIsSentAgain()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        const string Script = "return redis.call('INCR', KEYS[1])";
        Assert.Equal(1, (int)await client.GetDatabase().ScriptEvaluateAsync(Script, ["n"]));

        await client.GetDatabase().ExecuteAsync("SCRIPT", "FLUSH");

        Assert.Equal(2, (int)await client.GetDatabase().ScriptEvaluateAsync(Script, ["n"]));
    }

    [Fact]
    public async Task ValuesExpiryAndFieldsAreKeptAsAsked()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var database = client.GetDatabase();

        Assert.True(await database.StringSetAsync("k", "v", TimeSpan.FromMinutes(1), When.NotExists));
        Assert.False(await database.StringSetAsync("k", "w", TimeSpan.FromMinutes(1), When.NotExists));
        Assert.InRange((await database.KeyTimeToLiveAsync("k"))!.Value, TimeSpan.FromSeconds(50), TimeSpan.FromMinutes(1));
        Assert.True(await database.KeyExpireAsync("k", null));
        Assert.Null(await database.KeyTimeToLiveAsync("k"));
        Assert.True(await database.KeyDeleteAsync("k"));
        Assert.False(await database.KeyExistsAsync("k"));
        await database.HashSetAsync("h", [new HashEntry("a", 1), new HashEntry("b", "zwei")]);
        Assert.Equal([new HashEntry("a", 1), new HashEntry("b", "zwei")], (await database.HashGetAllAsync("h")).OrderBy(field => field.Name));
        Assert.True(await database.HashDeleteAsync("h", "a"));
        Assert.True(await database.SetAddAsync("s", "x"));
        Assert.Equal(["x"], await database.SetMembersAsync("s"));
    }

    [Fact]
    public async Task MessagesOfAQueueKeepTheirOrderAndPatternsNameTheChannel()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var subscriber = client.GetSubscriber();
        var queue = await subscriber.SubscribeAsync(new RedisChannel("room/*", RedisChannel.PatternMode.Pattern));

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(1, await subscriber.PublishAsync(Literal($"room/{i}"), i));
        }

        for (var i = 0; i < 100; i++)
        {
            var message = await queue.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
            Assert.Equal(($"room/{i}", i), ((string?)message.Channel, (int)message.Message));
        }

        await queue.UnsubscribeAsync();
        Assert.Equal(0, await subscriber.PublishAsync(Literal("room/1"), "late"));
    }

    [Fact]
    public async Task AHandlerThatThrowsIsAnnouncedAndDisturbsNobody()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var announced = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.InternalError += (_, args) => announced.TrySetResult(args.Exception);
        await client.GetSubscriber().SubscribeAsync(Literal("news"), (_, _) => throw new InvalidOperationException("by the handler"));

        await client.GetSubscriber().PublishAsync(Literal("news"), "x");

        Assert.Equal("by the handler", (await announced.Task.WaitAsync(TimeSpan.FromSeconds(20))).Message);
        await client.GetDatabase().PingAsync();
    }

    private static RedisChannel Literal(string name) => new(name, RedisChannel.PatternMode.Literal);

    private static async Task<IEnumerable<string>> UsersOfConnectionsAsync(ConnectionMultiplexer client)
    {
        var list = (string)(await client.GetDatabase().ExecuteAsync("CLIENT", "LIST"))!;
        return list.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(line => line.Split(' '))
            .Where(word => word.StartsWith("user=", StringComparison.Ordinal))
            .Select(word => word["user=".Length..]);
    }

    private static async Task<int> BlockedClientsAsync(RedisServer server)
    {
        await using var admin = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var info = (string)(await admin.GetDatabase().ExecuteAsync("INFO", "clients"))!;
        return int.Parse(info.Split("blocked_clients:")[1].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
    }
}
