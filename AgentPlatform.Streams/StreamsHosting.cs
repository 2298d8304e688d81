using System.Globalization;
using AgentPlatform.Streams;
using AgentPlatform.Streams.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds streams to a service.</summary>
public static class StreamsHosting
{
    /// <summary>
    /// Adds publishing, event logs, dead letters and the health check <c>loops</c>. Needs an <c>IConnectionMultiplexer</c>.
    /// Calling it again adds nothing.
    /// </summary>
    public static IHostApplicationBuilder AddStreams(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Services.Any(service => service.ServiceType == typeof(RedisStreams)))
        {
            return builder;
        }

        var environment = builder.Environment.EnvironmentName.ToLower(CultureInfo.InvariantCulture);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddMetrics();
        builder.Services.AddOptions<StreamsOptions>()
            .Configure(options => options.Environment = environment)
            .BindConfiguration(StreamsOptions.Section)
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<StreamsOptions>, StreamsOptionsValidator>();
        builder.Services.AddSingleton<RedisStreams>();
        builder.Services.AddSingleton<StreamsTelemetry>();
        builder.Services.AddSingleton<LoopRegistry>();
        builder.Services.AddSingleton<IStreamPublisher, StreamPublisher>();
        builder.Services.AddSingleton<IDeadLetters, DeadLetters>();
        builder.Services.AddSingleton<IEventLogs, EventLogs>();
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration("loops", services => services.GetRequiredService<LoopRegistry>(), failureStatus: null, tags: null));
        return builder;
    }

    /// <summary>Adds a consumer that reads a stream for a group, in the background, from the start of the service to its end.</summary>
    /// <typeparam name="THandler">What does the work; added as a scoped service.</typeparam>
    /// <param name="builder">The service.</param>
    /// <param name="stream">The stream's bare name.</param>
    /// <param name="group">The group's name, by custom that of the service: each group gets every entry, each entry goes to one consumer of a group.</param>
    /// <param name="configure">Changes defaults; configuration at <c>Streams:Consumers:{stream}</c> comes after it.</param>
    public static IHostApplicationBuilder AddStreamConsumer<THandler>(
        this IHostApplicationBuilder builder, string stream, string group, Action<StreamConsumerOptions>? configure = null)
        where THandler : class, IStreamHandler
    {
        builder.AddStreams();
        var name = $"{stream}:{group}";
        var section = $"{StreamsOptions.Section}:Consumers:{stream}";
        builder.Services.TryAddScoped<THandler>();
        builder.Services.AddOptions<StreamConsumerOptions>(name)
            .Configure(configure ?? (static _ => { }))
            .Configure<IConfiguration>((options, configuration) => configuration.GetSection(section).Bind(options))
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<StreamConsumerOptions>>(new StreamConsumerOptionsValidator(name, section));
        builder.Services.AddSingleton<IHostedService>(services =>
        {
            var options = services.GetRequiredService<IOptionsMonitor<StreamConsumerOptions>>().Get(name);
            var setup = new StreamConsumerSetup(
                services.GetRequiredService<IStreamPublisher>().Name(stream), group, $"{group}-{Guid.CreateVersion7():N}", options, typeof(THandler));
            var processor = ActivatorUtilities.CreateInstance<EntryProcessor>(services, setup);
            return ActivatorUtilities.CreateInstance<StreamConsumer>(services, setup, processor);
        });
        return builder;
    }
}
