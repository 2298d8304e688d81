using System.Diagnostics;
using AgentPlatform.ServiceDefaults.Health;
using StackExchange.Redis;

namespace AgentPlatform.Persistence;

/// <summary>Asks Redis, as the service's own user, for a sign of life.</summary>
internal sealed class RedisProbe(IConnectionMultiplexer redis) : IDependencyProbe
{
    public const string SourceName = "AgentPlatform.Persistence";

    private static readonly ActivitySource Source = new(SourceName);

    public string Name => "redis";

    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        using var activity = Source.StartActivity("PING", ActivityKind.Client);
        activity?.SetTag("db.system.name", "redis").SetTag("db.operation.name", "PING");
        await redis.GetDatabase().PingAsync().WaitAsync(cancellationToken);
    }
}
