using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.Services.Scheduler;

/// <summary>A test with a database, a Redis and a scheduler of its own.</summary>
public abstract class SchedulerTest : IAsyncLifetime
{
    private RedisServer _redis = null!;

    private protected PostgresDatabase Database { get; private set; } = null!;

    private protected SchedulerNode Node { get; private set; } = null!;

    private protected virtual Dictionary<string, string?> Settings => [];

    public virtual async Task InitializeAsync()
    {
        Database = await PostgresServer.FreshDatabaseAsync();
        _redis = await RedisServer.StartAsync();
        Node = await StartAsync();
    }

    public virtual async Task DisposeAsync()
    {
        await Node.DisposeAsync();
        await _redis.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>Another replica on the same storage.</summary>
    private protected Task<SchedulerNode> StartAsync() => SchedulerNode.StartAsync(Database, _redis, Settings);
}
