using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Instrumentation.Http;

namespace OpenTelemetry.Trace;

/// <summary>Traces outgoing requests.</summary>
public static class HttpClientInstrumentationTracerProviderBuilderExtensions
{
    /// <summary>Traces outgoing requests.</summary>
    /// <param name="builder">The tracing.</param>
    /// <returns>The same builder.</returns>
    public static TracerProviderBuilder AddHttpClientInstrumentation(this TracerProviderBuilder builder) =>
        builder.AddHttpClientInstrumentation(name: null, configureHttpClientTraceInstrumentationOptions: null);

    /// <summary>Traces outgoing requests.</summary>
    /// <param name="builder">The tracing.</param>
    /// <param name="configureHttpClientTraceInstrumentationOptions">Changes the options.</param>
    /// <returns>The same builder.</returns>
    public static TracerProviderBuilder AddHttpClientInstrumentation(
        this TracerProviderBuilder builder, Action<HttpClientTraceInstrumentationOptions>? configureHttpClientTraceInstrumentationOptions) =>
        builder.AddHttpClientInstrumentation(name: null, configureHttpClientTraceInstrumentationOptions);

    /// <summary>Traces outgoing requests. Their spans, with tags, are .NET's own; it never writes the values of a query.</summary>
    /// <param name="builder">The tracing.</param>
    /// <param name="name">The name of the options; null for the default.</param>
    /// <param name="configureHttpClientTraceInstrumentationOptions">Changes the options.</param>
    /// <returns>The same builder.</returns>
    public static TracerProviderBuilder AddHttpClientInstrumentation(
        this TracerProviderBuilder builder, string? name, Action<HttpClientTraceInstrumentationOptions>? configureHttpClientTraceInstrumentationOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        name ??= Options.DefaultName;
        if (configureHttpClientTraceInstrumentationOptions is not null)
        {
            builder.ConfigureServices(services => services.Configure(name, configureHttpClientTraceInstrumentationOptions));
        }

        return builder
            .AddSource("System.Net.Http")
            .AddInstrumentation(services => new RequestListener(
                services.GetRequiredService<IOptionsMonitor<HttpClientTraceInstrumentationOptions>>().Get(name)));
    }
}
