using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.Services.Sessions;

/// <summary>A test with a database, a Redis, a model API and Sessions of its own.</summary>
public abstract class SessionsTest : IAsyncLifetime
{
    private PostgresDatabase _database = null!;
    private RedisServer _redis = null!;

    private protected EmulatorHost Emulators { get; private set; } = null!;

    private protected SessionsNode Node { get; private set; } = null!;

    private protected virtual Dictionary<string, string?> Settings => [];

    public async Task InitializeAsync()
    {
        _database = await PostgresServer.FreshDatabaseAsync();
        _redis = await RedisServer.StartAsync();
        Emulators = await EmulatorHost.StartAsync();
        Node = await SessionsNode.StartAsync(_database, _redis, new Dictionary<string, string?>(Settings)
        {
            ["Models:Anthropic:BaseUrl"] = $"{Emulators.Url}/anthropic",
            ["Models:Anthropic:ApiKey"] = EmulatorHost.ModelKey,
        });
    }

    public async Task DisposeAsync()
    {
        await Node.DisposeAsync();
        await Emulators.DisposeAsync();
        await _redis.DisposeAsync();
        await _database.DisposeAsync();
    }
}
