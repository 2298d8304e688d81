using AgentPlatform.Tests.Hosts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace AgentPlatform.Tests.StandIns.Clients.Redis;

public sealed class RedisIntegrationTests
{
    private const string Section = "Aspire:StackExchange:Redis";

    [Fact]
    public async Task TheClientIsASingletonAndItsHealthIsThatOfTheServer()
    {
        await using var server = await RedisServer.StartAsync();
        var builder = Builder(("ConnectionStrings:cache", server.ConnectionString));
        builder.AddRedisClient("cache", configureOptions: options => options.AsyncTimeout = 3000);
        using var host = builder.Build();

        await host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().StringSetAsync("k", "v");

        Assert.Equal([("StackExchange.Redis", HealthStatus.Healthy)], await HealthAsync(host));
        await server.StopAsync();
        Assert.Equal([("StackExchange.Redis", HealthStatus.Unhealthy)], await HealthAsync(host));
        await server.StartAgainAsync();
        await Eventually.TrueAsync(async () => (await HealthAsync(host)).Single().Item2 == HealthStatus.Healthy, "healthy again");
        Assert.Equal("v", await host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().StringGetAsync("k"));
    }

    [Fact]
    public async Task AKeyedClientHasItsOwnServerUserAndCheck()
    {
        await using var server = await RedisServer.StartAsync("user worker on >secret ~* &* +@all");
        var builder = Builder(("ConnectionStrings:jobs", server.ConnectionStringOf("worker", "secret")), ("ConnectionStrings:cache", server.ConnectionString));
        builder.AddRedisClient("cache");
        builder.AddKeyedRedisClient("jobs");
        using var host = builder.Build();

        var keyed = host.Services.GetRequiredKeyedService<IConnectionMultiplexer>("jobs");

        Assert.Equal("worker", (string?)await keyed.GetDatabase().ExecuteAsync("ACL", "WHOAMI"));
        Assert.Equal("default", (string?)await host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().ExecuteAsync("ACL", "WHOAMI"));
        Assert.Equal(
            [("StackExchange.Redis", HealthStatus.Healthy), ("StackExchange.Redis_jobs", HealthStatus.Healthy)], (await HealthAsync(host)).Order());
    }

    [Fact]
    public void OptionsComeFromTheStringThenTheSectionsThenTheCode()
    {
        ConfigurationOptions? seen = null;
        var builder = Builder(
            ("ConnectionStrings:cache", "127.0.0.1:1,asyncTimeout=100,connectRetry=0,connectTimeout=50"),
            ($"{Section}:ConfigurationOptions:AsyncTimeout", "200"),
            ($"{Section}:ConfigurationOptions:SyncTimeout", "200"),
            ($"{Section}:cache:ConfigurationOptions:SyncTimeout", "300"));
        builder.AddRedisClient("cache", configureOptions: options => seen = options);
        using var host = builder.Build();

        using var client = host.Services.GetRequiredService<IConnectionMultiplexer>();

        Assert.Equal((200, 300, 50, false), (seen!.AsyncTimeout, seen.SyncTimeout, seen.ConnectTimeout, seen.AbortOnConnectFail));
        Assert.False(client.IsConnected);
    }

    [Fact]
    public void AMissingConnectionStringIsNamed()
    {
        var builder = Builder();
        builder.AddRedisClient("cache");
        using var host = builder.Build();

        var error = Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredService<IConnectionMultiplexer>());

        Assert.Contains("ConnectionStrings:cache", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheConnectionIsMadeAtStartOnlyOnRequest()
    {
        await using var server = await RedisServer.StartAsync();
        var lazy = Builder(("ConnectionStrings:cache", server.ConnectionString));
        lazy.AddRedisClient("cache", configureOptions: _ => Assert.Fail("nobody asked for it"));
        var eager = Builder(("ConnectionStrings:cache", server.ConnectionString));
        var made = false;
        eager.AddRedisClient("cache", settings => settings.DisableAutoActivation = false, _ => made = true);
        using IHost lazyHost = lazy.Build(), eagerHost = eager.Build();

        await lazyHost.StartAsync();
        await eagerHost.StartAsync();

        Assert.True(made);
    }

    private static HostApplicationBuilder Builder(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        return builder;
    }

    private static async Task<IEnumerable<(string, HealthStatus)>> HealthAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries.Select(entry => (entry.Key, entry.Value.Status));
}
