using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Instrumentation.AspNetCore;

namespace OpenTelemetry.Trace;

/// <summary>Traces incoming requests.</summary>
public static class AspNetCoreInstrumentationTracerProviderBuilderExtensions
{
    /// <summary>Traces incoming requests.</summary>
    /// <param name="builder">The tracing.</param>
    /// <returns>The same builder.</returns>
    public static TracerProviderBuilder AddAspNetCoreInstrumentation(this TracerProviderBuilder builder) =>
        builder.AddAspNetCoreInstrumentation(name: null, configureAspNetCoreTraceInstrumentationOptions: null);

    /// <summary>Traces incoming requests.</summary>
    /// <param name="builder">The tracing.</param>
    /// <param name="configureAspNetCoreTraceInstrumentationOptions">Changes the options.</param>
    /// <returns>The same builder.</returns>
    public static TracerProviderBuilder AddAspNetCoreInstrumentation(
        this TracerProviderBuilder builder, Action<AspNetCoreTraceInstrumentationOptions>? configureAspNetCoreTraceInstrumentationOptions) =>
        builder.AddAspNetCoreInstrumentation(name: null, configureAspNetCoreTraceInstrumentationOptions);

    /// <summary>Traces incoming requests.</summary>
    /// <param name="builder">The tracing.</param>
    /// <param name="name">The name of the options; null for the default.</param>
    /// <param name="configureAspNetCoreTraceInstrumentationOptions">Changes the options.</param>
    /// <returns>The same builder.</returns>
    public static TracerProviderBuilder AddAspNetCoreInstrumentation(
        this TracerProviderBuilder builder, string? name, Action<AspNetCoreTraceInstrumentationOptions>? configureAspNetCoreTraceInstrumentationOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        name ??= Options.DefaultName;
        if (configureAspNetCoreTraceInstrumentationOptions is not null)
        {
            builder.ConfigureServices(services => services.Configure(name, configureAspNetCoreTraceInstrumentationOptions));
        }

        return builder
            .AddSource(RequestListener.SourceName)
            .AddInstrumentation(services => new RequestListener(
                services.GetRequiredService<IOptionsMonitor<AspNetCoreTraceInstrumentationOptions>>().Get(name),
                recordsQuery: services.GetService<IConfiguration>()?.GetValue<bool>(RequestListener.RecordQuerySwitch) ?? false));
    }
}
