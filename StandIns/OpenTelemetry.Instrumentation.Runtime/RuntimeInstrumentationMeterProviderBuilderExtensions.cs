using OpenTelemetry.Instrumentation.Runtime;

namespace OpenTelemetry.Metrics;

/// <summary>Measures the runtime.</summary>
public static class RuntimeInstrumentationMeterProviderBuilderExtensions
{
    /// <summary>Adds the meter that the runtime itself has: collections, heap, threads, locks, exceptions, processor time.</summary>
    /// <param name="builder">The metrics.</param>
    /// <returns>The same builder.</returns>
    public static MeterProviderBuilder AddRuntimeInstrumentation(this MeterProviderBuilder builder) => builder.AddRuntimeInstrumentation(configure: null);

    /// <summary>Adds the meter that the runtime itself has.</summary>
    /// <param name="builder">The metrics.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>The same builder.</returns>
    public static MeterProviderBuilder AddRuntimeInstrumentation(this MeterProviderBuilder builder, Action<RuntimeInstrumentationOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        configure?.Invoke(new RuntimeInstrumentationOptions());
        return builder.AddMeter("System.Runtime");
    }
}
