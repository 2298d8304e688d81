using Aspire.StackExchange.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds Redis clients.</summary>
public static class AspireRedisExtensions
{
    /// <summary>The activity source of the commands' spans.</summary>
    private const string SourceName = "OpenTelemetry.Instrumentation.StackExchangeRedis";

    private const string Section = "Aspire:StackExchange:Redis";

    /// <summary>Adds the client, a singleton <see cref="IConnectionMultiplexer"/>, with health check and traces.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="connectionName">The connection string's name.</param>
    /// <param name="configureSettings">Changes the settings after they were read.</param>
    /// <param name="configureOptions">Changes the client's options after they were read.</param>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        builder.AddRedisClientBuilder(connectionName, configureSettings, configureOptions);

    /// <summary>Adds a client under a key, with health check and traces.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="name">The service key, and the connection string's name.</param>
    /// <param name="configureSettings">Changes the settings after they were read.</param>
    /// <param name="configureOptions">Changes the client's options after they were read.</param>
    public static void AddKeyedRedisClient(
        this IHostApplicationBuilder builder,
        string name,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        builder.AddKeyedRedisClientBuilder(name, configureSettings, configureOptions);

    /// <summary>As <see cref="AddRedisClient"/>, for further configuration.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="connectionName">The connection string's name.</param>
    /// <param name="configureSettings">Changes the settings after they were read.</param>
    /// <param name="configureOptions">Changes the client's options after they were read.</param>
    public static AspireRedisClientBuilder AddRedisClientBuilder(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        Add(builder, connectionName, serviceKey: null, configureSettings, configureOptions);

    /// <summary>As <see cref="AddKeyedRedisClient"/>, for further configuration.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="name">The service key, and the connection string's name.</param>
    /// <param name="configureSettings">Changes the settings after they were read.</param>
    /// <param name="configureOptions">Changes the client's options after they were read.</param>
    public static AspireRedisClientBuilder AddKeyedRedisClientBuilder(
        this IHostApplicationBuilder builder,
        string name,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        Add(builder, name, serviceKey: name, configureSettings, configureOptions);

    private static AspireRedisClientBuilder Add(
        IHostApplicationBuilder builder,
        string connectionName,
        string? serviceKey,
        Action<StackExchangeRedisSettings>? configureSettings,
        Action<ConfigurationOptions>? configureOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        var source = new RedisSettingsSource(builder.Configuration, Section, connectionName);
        var settings = source.ReadSettings();
        configureSettings?.Invoke(settings);

        IConnectionMultiplexer Connect() => ConnectionMultiplexer.Connect(source.ReadOptions(settings, configureOptions));
        if (serviceKey is null)
        {
            builder.Services.AddSingleton(_ => Connect());
        }
        else
        {
            builder.Services.AddKeyedSingleton(serviceKey, (_, _) => Connect());
        }

        AddInstrumentation(builder, settings, connectionName, serviceKey);
        return new AspireRedisClientBuilder(builder, settings, serviceKey);
    }

    private static void AddInstrumentation(
        IHostApplicationBuilder builder, StackExchangeRedisSettings settings, string connectionName, string? serviceKey)
    {
        if (!settings.DisableTracing)
        {
            builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(SourceName));
        }

        var check = serviceKey is null ? "StackExchange.Redis" : $"StackExchange.Redis_{connectionName}";
        if (!settings.DisableHealthChecks && builder.Properties.TryAdd($"Aspire.HealthChecks.{check}", true))
        {
            builder.Services.AddHealthChecks().Add(
                new HealthCheckRegistration(check, services => new RedisHealthCheck(() => Client(services, serviceKey)), failureStatus: null, tags: null));
        }

        if (!settings.DisableAutoActivation)
        {
            builder.Services.AddSingleton<IHostedService>(services => new RedisActivation(() => Client(services, serviceKey)));
        }
    }

    private static IConnectionMultiplexer Client(IServiceProvider services, string? serviceKey) => serviceKey is null
        ? services.GetRequiredService<IConnectionMultiplexer>()
        : services.GetRequiredKeyedService<IConnectionMultiplexer>(serviceKey);
}
