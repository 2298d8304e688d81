using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.Services.Scheduler;

/// <summary>A test with a database, a Redis and a scheduler of its own.</summary>
public abstract class SchedulerTest : IAsyncLifetime
{
    private PostgresDatabase _database = null!;
    private RedisServer _redis = null!;

    private protected SchedulerNode Node { get; private set; } = null!;

    private protected virtual Dictionary<string, string?> Settings => [];

    public virtual async Task InitializeAsync()
    {
        _database = await PostgresServer.FreshDatabaseAsync();
        _redis = await RedisServer.StartAsync();
        Node = await StartAsync();
    }

    public virtual async Task DisposeAsync()
    {
        await Node.DisposeAsync();
        await _redis.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>Another replica on the same storage.</summary>
    private protected Task<SchedulerNode> StartAsync() => SchedulerNode.StartAsync(_database, _redis, Settings);
}
