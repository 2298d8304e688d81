using Microsoft.Extensions.Configuration;
using StackExchange.Redis;

namespace Aspire.StackExchange.Redis;

/// <summary>Reads a client's settings, and the options of the connection, from configuration.</summary>
internal sealed class RedisSettingsSource(IConfiguration configuration, string section, string connectionName)
{
    public StackExchangeRedisSettings ReadSettings()
    {
        var settings = new StackExchangeRedisSettings();
        Section.Bind(settings);
        NamedSection.Bind(settings);
        settings.ConnectionString = configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        return settings;
    }

    public ConfigurationOptions ReadOptions(StackExchangeRedisSettings settings, Action<ConfigurationOptions>? configure)
    {
        var options = string.IsNullOrEmpty(settings.ConnectionString) ? new ConfigurationOptions() : ConfigurationOptions.Parse(settings.ConnectionString);
        if (settings.ConnectionString?.Contains("abortConnect", StringComparison.OrdinalIgnoreCase) is not true)
        {
            // A service that starts before its Redis waits for it.
            options.AbortOnConnectFail = false;
        }

        Section.GetSection("ConfigurationOptions").Bind(options);
        NamedSection.GetSection("ConfigurationOptions").Bind(options);
        configure?.Invoke(options);
        return options.EndPoints.Count > 0
            ? options
            : throw new InvalidOperationException(
                $"No endpoints specified. Ensure a valid connection string was provided in 'ConnectionStrings:{connectionName}' " +
                $"or for the '{section}:ConnectionString' configuration key.");
    }

    private IConfigurationSection Section => configuration.GetSection(section);

    private IConfigurationSection NamedSection => Section.GetSection(connectionName);
}
