using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;

namespace AgentPlatform.ServiceDefaults.Configuration;

/// <summary>
/// The two connection strings of a service. Where they are not given, they are put together from endpoints and passwords, with the
/// service's own name as the user: <c>Postgres:Endpoint</c>, <c>Postgres:Password</c>, <c>Redis:Endpoint</c>, <c>Redis:Password</c>.
/// </summary>
public static class ConnectionStrings
{
    /// <summary>The name of the connection string to the database, and the database's own name.</summary>
    public const string Database = "agentplatform";

    /// <summary>The name of the connection string to Redis.</summary>
    public const string Redis = "redis";

    private const int PostgresPort = 5432;
    private const int RedisPort = 6379;

    internal static void Compose(ConfigurationManager configuration, string user)
    {
        var composed = new Dictionary<string, string?>();
        if (Missing(configuration, Database) && Endpoint(configuration, "Postgres", PostgresPort) is { } postgres)
        {
            composed[$"ConnectionStrings:{Database}"] = string.Create(CultureInfo.InvariantCulture,
                $"Host={postgres.Host};Port={postgres.Port};Username={user};Password={Quoted(configuration["Postgres:Password"])};Database={Database};Application Name={user}");
        }

        if (Missing(configuration, Redis) && Endpoint(configuration, "Redis", RedisPort) is { } redis)
        {
            composed[$"ConnectionStrings:{Redis}"] = string.Create(CultureInfo.InvariantCulture,
                $"{redis.Host}:{redis.Port},user={user},password={configuration["Redis:Password"]}");
        }

        configuration.AddInMemoryCollection(composed);
    }

    /// <summary>Reads <c>host:port</c>, <c>tcp://host:port</c> or any other scheme before it; without a port, the given one.</summary>
    /// <returns>Whether the text names a host.</returns>
    public static bool TryParseEndpoint(string? text, int defaultPort, [NotNullWhen(true)] out DnsEndPoint? endpoint)
    {
        endpoint = null;
        var address = text?.Trim() ?? string.Empty;
        address = address.Contains("://", StringComparison.Ordinal) ? address : $"tcp://{address}";
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.PathAndQuery.Length > 1 || uri.UserInfo.Length > 0)
        {
            return false;
        }

        endpoint = new DnsEndPoint(uri.Host, uri.IsDefaultPort || uri.Port < 0 ? defaultPort : uri.Port);
        return true;
    }

    private static bool Missing(ConfigurationManager configuration, string name) => string.IsNullOrWhiteSpace(configuration.GetConnectionString(name));

    private static DnsEndPoint? Endpoint(ConfigurationManager configuration, string section, int defaultPort) =>
        TryParseEndpoint(configuration[$"{section}:Endpoint"], defaultPort, out var endpoint) ? endpoint : null;

    /// <summary>A value with a semicolon, quote or space in it, as connection strings want it.</summary>
    private static string Quoted(string? value) => $"\"{(value ?? string.Empty).Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
