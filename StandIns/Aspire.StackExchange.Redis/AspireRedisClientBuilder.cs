using Microsoft.Extensions.Hosting;

namespace Aspire.StackExchange.Redis;

/// <summary>Configures a Redis client that was added to a host.</summary>
/// <param name="hostBuilder">The host.</param>
/// <param name="settings">The client's settings.</param>
/// <param name="serviceKey">The client's service key; null for the one without.</param>
public sealed class AspireRedisClientBuilder(IHostApplicationBuilder hostBuilder, StackExchangeRedisSettings settings, string? serviceKey)
{
    /// <summary>The host.</summary>
    public IHostApplicationBuilder HostBuilder { get; } = hostBuilder;

    /// <summary>The client's settings.</summary>
    public StackExchangeRedisSettings Settings { get; } = settings;

    /// <summary>The client's service key; null for the one without.</summary>
    public string? ServiceKey { get; } = serviceKey;
}
