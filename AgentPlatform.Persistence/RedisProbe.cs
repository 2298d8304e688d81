using System.Diagnostics;
using AgentPlatform.ServiceDefaults.Health;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace AgentPlatform.Persistence;

/// <summary>Asks Redis, as the service's own user, for a sign of life.</summary>
internal sealed class RedisProbe(IServiceProvider services) : IDependencyProbe
{
    public const string SourceName = "AgentPlatform.Persistence";

    private static readonly ActivitySource Source = new(SourceName);

    public string Name => "redis";

    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        using var activity = Source.StartActivity("PING", ActivityKind.Client);
        activity?.SetTag("db.system.name", "redis").SetTag("db.operation.name", "PING");

        // The first use makes the client, which connects while its caller waits; that must not hold up the one who asks.
        var redis = await Task.Run(services.GetRequiredService<IConnectionMultiplexer>, cancellationToken);
        await redis.GetDatabase().PingAsync().WaitAsync(cancellationToken);
    }
}
