using System.Globalization;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Provisioning;

/// <summary>What provisioning is given.</summary>
internal sealed class ProvisioningOptions
{
    /// <summary>The connection string by which the administrator reaches the server: <c>ConnectionStrings:postgres</c>, or else that of the database.</summary>
    public const string PostgresServer = "postgres";

    public string? Postgres { get; set; }

    public string? Redis { get; set; }

    public IReadOnlyList<ServiceRole> Roles { get; set; } = [];

    /// <summary>How long Postgres and Redis are waited for, 1 s to 10 min. Default: 60 s.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(60);

    public void Read(IConfiguration configuration)
    {
        Postgres = configuration.GetConnectionString(PostgresServer) ?? configuration.GetConnectionString(ConnectionStrings.Database);
        Redis = configuration.GetConnectionString(ConnectionStrings.Redis);
        Roles = [.. ServiceNames.WithStorage.Select(service => ServiceRole.Read(service, configuration.GetSection($"Roles:{service}")))];
        Patience = configuration.GetValue("Provisioning:Patience", Patience);
    }
}

/// <summary>A service's account: its role in Postgres and its user in Redis, which share name and password.</summary>
/// <param name="Name">The service's name; also its schema's.</param>
/// <param name="Password">The password.</param>
/// <param name="ConnectionLimit">How many connections to Postgres the role may hold, over all replicas.</param>
internal sealed record ServiceRole(string Name, string Password, int ConnectionLimit)
{
    private const int DefaultConnectionLimit = 40;

    public static ServiceRole Read(string service, IConfigurationSection section) => new(
        service,
        section["Password"] ?? string.Empty,
        section["ConnectionLimit"] is not { } limit ? DefaultConnectionLimit
            : int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0);
}

internal sealed class ProvisioningOptionsValidator : IValidateOptions<ProvisioningOptions>
{
    private const int PasswordMin = 12;
    private const int PasswordMax = 128;
    private const int ConnectionsMax = 10_000;

    public ValidateOptionsResult Validate(string? name, ProvisioningOptions options)
    {
        var failures = new List<string>();
        if (string.IsNullOrWhiteSpace(options.Postgres))
        {
            failures.Add("ConnectionStrings:postgres is not set. Set it to the administrator's connection string for the Postgres server.");
        }

        if (string.IsNullOrWhiteSpace(options.Redis))
        {
            failures.Add("ConnectionStrings:redis is not set. Set it to the administrator's connection string for Redis.");
        }

        if (options.Patience < TimeSpan.FromSeconds(1) || options.Patience > TimeSpan.FromMinutes(10))
        {
            failures.Add("Provisioning:Patience must be from 00:00:01 to 00:10:00.");
        }

        failures.AddRange(options.Roles.SelectMany(Failures));
        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }

    private static IEnumerable<string> Failures(ServiceRole role)
    {
        // Other characters would have to be prepared by SASLprep, on which clients differ.
        if (role.Password.Length is < PasswordMin or > PasswordMax || role.Password.Any(character => character is <= ' ' or > '~'))
        {
            yield return $"Roles:{role.Name}:Password must be {PasswordMin} to {PasswordMax} printable ASCII characters without spaces.";
        }

        if (role.ConnectionLimit is < 1 or > ConnectionsMax)
        {
            yield return $"Roles:{role.Name}:ConnectionLimit must be a number from 1 to {ConnectionsMax}.";
        }
    }
}
