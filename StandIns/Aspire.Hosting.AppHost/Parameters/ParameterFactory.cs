using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Parameters;

/// <summary>Makes parameters that look their values up in the app host's configuration.</summary>
internal static class ParameterFactory
{
    public static ParameterResource FromConfiguration(IDistributedApplicationBuilder builder, string name, bool secret)
    {
        var key = $"Parameters:{name}";
        return new ParameterResource(
            name, @default => Lookup(builder.Configuration, key, name) ?? @default?.GetDefaultValue() ?? throw Missing("Parameter", name, key), secret);
    }

    public static ConnectionStringParameterResource ConnectionString(IDistributedApplicationBuilder builder, string name, string? environmentVariable)
    {
        var key = $"ConnectionStrings:{name}";
        return new ConnectionStringParameterResource(
            name, _ => Lookup(builder.Configuration, key, name) ?? throw Missing("Connection string parameter", name, key), environmentVariable);
    }

    /// <summary>A parameter with a generated value that stays the same from run to run.</summary>
    public static ParameterResource Password(IDistributedApplicationBuilder builder, string name, bool special = true)
    {
        var parameter = FromConfiguration(builder, name, secret: true);
        parameter.Default = Persist(builder, name, new GenerateParameterDefault { Special = special });
        return parameter;
    }

    /// <summary>Keeps what a run generates in the app host's user secrets, where there are any; a manifest leaves it to the deployment.</summary>
    public static ParameterDefault Persist(IDistributedApplicationBuilder builder, string name, ParameterDefault value) =>
        builder.ExecutionContext.IsRunMode && UserSecrets.Of(builder.AppHostAssembly) is { } secrets
            ? new PersistedParameterDefault(value, secrets, $"Parameters:{name}")
            : value;

    /// <summary>A variable's name cannot hold a hyphen in every shell, so an underscore stands for it.</summary>
    private static string? Lookup(ConfigurationManager configuration, string key, string name) =>
        configuration[key] ?? configuration[key[..^name.Length] + name.Replace('-', '_')];

    private static MissingParameterValueException Missing(string kind, string name, string key) =>
        new($"{kind} resource could not be used because configuration key '{key}' is missing and the resource '{name}' has no default value.");
}
