namespace Aspire.StackExchange.Redis;

/// <summary>
/// Settings of a Redis client. Read from <c>Aspire:StackExchange:Redis</c>, then its part named as the connection;
/// <c>ConnectionStrings:{name}</c> and code come last.
/// </summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>How to reach the server: <c>host:port,user=…,password=…</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Whether there is no health check. Default: false.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Whether commands are not traced. Default: false.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Whether the connection waits for its first use; otherwise it is made when the host starts. Default: true.</summary>
    public bool DisableAutoActivation { get; set; } = true;
}
