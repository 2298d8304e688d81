namespace AgentPlatform.Tests.Hosts;

/// <summary>
/// Tests that look at spans run alone: activity sources and diagnostic listeners belong to the process, so another test's application would
/// see this one's requests, and filter them by its own rules.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TelemetryAlone
{
    public const string Name = "telemetry alone";
}
