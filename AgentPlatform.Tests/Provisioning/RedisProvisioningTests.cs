using AgentPlatform.Contracts;
using AgentPlatform.Provisioning;
using AgentPlatform.Tests.Hosts;
using StackExchange.Redis;

namespace AgentPlatform.Tests.Provisioning;

public sealed class RedisProvisioningTests(Provisioned provisioned) : IClassFixture<Provisioned>
{
    [Theory]
    [InlineData("XADD ap:test:intake:v1 * kind a")]
    [InlineData("XGROUP CREATE ap:test:work:v1 workers 0 MKSTREAM")]
    [InlineData("XRANGE ap:test:intake:v1 - +")]
    [InlineData("XINFO STREAM ap:test:own:v1")]
    [InlineData("SET ap:test:key value EX 10")]
    [InlineData("EVAL return(redis.call('GET',KEYS[1])) 1 ap:test:key")]
    [InlineData("PUBLISH ap:test:wake 1")]
    [InlineData("PING")]
    public async Task AServiceMayUseThePlatformsStreams(string command)
    {
        using var redis = await ConnectAsync(ServiceNames.Webhooks);
        await redis.GetDatabase().ExecuteAsync("XADD", "ap:test:own:v1", "*", "kind", "a");

        await ExecuteAsync(redis, command);
    }

    [Theory]
    [InlineData("GET foreign")]
    [InlineData("SET foreign value")]
    [InlineData("XADD foreign:v1 * kind a")]
    [InlineData("XRANGE foreign:v1 - +")]
    [InlineData("EVAL return(redis.call('GET','foreign')) 0")]
    [InlineData("PUBLISH foreign 1")]
    [InlineData("KEYS *")]
    [InlineData("SCAN 0")]
    [InlineData("RANDOMKEY")]
    [InlineData("FLUSHALL")]
    [InlineData("FLUSHDB")]
    [InlineData("CONFIG GET requirepass")]
    [InlineData("ACL LIST")]
    [InlineData("ACL SETUSER webhooks +@all")]
    [InlineData("CLIENT LIST")]
    [InlineData("MONITOR")]
    [InlineData("SHUTDOWN NOSAVE")]
    [InlineData("REPLICAOF NO ONE")]
    [InlineData("SAVE")]
    [InlineData("SWAPDB 0 1")]
    [InlineData("MIGRATE 127.0.0.1 1 key 0 1")]
    [InlineData("FUNCTION FLUSH")]
    [InlineData("SCRIPT FLUSH")]
    [InlineData("MODULE LIST")]
    public async Task AServiceMayDoNothingElse(string command)
    {
        using var redis = await ConnectAsync(ServiceNames.Webhooks);
        var refusal = await Assert.ThrowsAsync<RedisServerException>(() => ExecuteAsync(redis, command));
        Assert.Matches("NOPERM|can't run this command|can't access at least one of the keys", refusal.Message);
    }

    [Fact]
    public async Task AChangedPasswordTakesEffectAndTheOldOneEnds()
    {
        Assert.Equal(ProvisioningRun.Done, await provisioned.RunAsync(("Roles:sessions:Password", "another-password")));

        (await ConnectAsync(ServiceNames.Sessions, "another-password")).Dispose();
        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectAsync(ServiceNames.Sessions));

        Assert.Equal(ProvisioningRun.Done, await provisioned.RunAsync());
        (await ConnectAsync(ServiceNames.Sessions)).Dispose();
    }

    [Fact]
    public async Task UsersAreSavedWhereRedisHasAFileForThem()
    {
        await using var redis = await RedisServer.StartAsync();
        Assert.Equal(ProvisioningRun.Done, await provisioned.RunAsync(("ConnectionStrings:redis", redis.ConnectionString)));

        await redis.StopAsync(crash: true);
        await redis.StartAgainAsync();

        // The fixture writes the file anew, as a container without a volume for it would; run again, provisioning mends it.
        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectAsync(redis, ServiceNames.Gateway, Provisioned.PasswordOf(ServiceNames.Gateway)));
        Assert.Equal(ProvisioningRun.Done, await provisioned.RunAsync(("ConnectionStrings:redis", redis.ConnectionString)));
        (await ConnectAsync(redis, ServiceNames.Gateway, Provisioned.PasswordOf(ServiceNames.Gateway))).Dispose();
    }

    private Task<ConnectionMultiplexer> ConnectAsync(string user, string? password = null) =>
        ConnectAsync(provisioned.Redis, user, password ?? Provisioned.PasswordOf(user));

    private static Task<ConnectionMultiplexer> ConnectAsync(RedisServer server, string user, string password)
    {
        var settings = ConfigurationOptions.Parse(server.ConnectionStringOf(user, password));
        settings.AbortOnConnectFail = true;
        settings.AllowAdmin = true;
        return ConnectionMultiplexer.ConnectAsync(settings);
    }

    private static Task<RedisResult> ExecuteAsync(ConnectionMultiplexer redis, string command)
    {
        object[] words = command.Split(' ');
        return redis.GetDatabase().ExecuteAsync((string)words[0], words[1..]);
    }
}
