using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentPlatform.ServiceDefaults.Configuration;

/// <summary>The connections that a service cannot do without.</summary>
internal sealed class RequiredConnections
{
    public List<string> Names { get; } = [];
}

internal sealed class RequiredConnectionsValidator(IConfiguration configuration) : IValidateOptions<RequiredConnections>
{
    public ValidateOptionsResult Validate(string? name, RequiredConnections options)
    {
        var missing = options.Names
            .Where(connection => string.IsNullOrWhiteSpace(configuration.GetConnectionString(connection)))
            .Select(Missing).ToList();
        return missing.Count > 0 ? ValidateOptionsResult.Fail(missing) : ValidateOptionsResult.Success;
    }

    private static string Missing(string connection)
    {
        var section = connection == ConnectionStrings.Redis ? "Redis" : "Postgres";
        return $"ConnectionStrings:{connection} is not set. Set it, or {section}:Endpoint (host:port or tcp://host:port) and {section}:Password.";
    }
}

/// <summary>Says what a service needs, so that it is missed at start and not at first use.</summary>
public static class RequiredConnectionExtensions
{
    /// <summary>Refuses to start without the connection string.</summary>
    /// <param name="services">The container.</param>
    /// <param name="connection">See <see cref="ConnectionStrings"/>.</param>
    public static IServiceCollection RequireConnection(this IServiceCollection services, string connection)
    {
        services.AddOptionsWithValidateOnStart<RequiredConnections, RequiredConnectionsValidator>()
            .Configure(options => options.Names.Add(connection));
        return services;
    }
}
