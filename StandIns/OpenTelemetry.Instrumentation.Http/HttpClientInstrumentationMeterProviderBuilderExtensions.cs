namespace OpenTelemetry.Metrics;

/// <summary>Measures outgoing requests.</summary>
public static class HttpClientInstrumentationMeterProviderBuilderExtensions
{
    /// <summary>Adds the meters that .NET itself has.</summary>
    /// <param name="builder">The metrics.</param>
    /// <returns>The same builder.</returns>
    public static MeterProviderBuilder AddHttpClientInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter("System.Net.Http", "System.Net.NameResolution");
    }
}
