namespace OpenTelemetry.Instrumentation.Runtime;

/// <summary>Options of the runtime's metrics. There are none.</summary>
public class RuntimeInstrumentationOptions;
