using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.Services.Webhooks;

/// <summary>A test with a database and a Redis of its own.</summary>
public abstract class WebhooksTest : IAsyncLifetime
{
    private protected PostgresDatabase Database { get; private set; } = null!;

    private protected RedisServer Redis { get; private set; } = null!;

    public virtual async Task InitializeAsync()
    {
        Database = await PostgresServer.FreshDatabaseAsync();
        Redis = await RedisServer.StartAsync();
    }

    public virtual async Task DisposeAsync()
    {
        await Redis.DisposeAsync();
        await Database.DisposeAsync();
    }

    private protected Task<WebhooksNode> StartAsync(Dictionary<string, string?>? settings = null) => WebhooksNode.StartAsync(Database, Redis, settings);
}
