using System.Text.Json.Serialization;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;

namespace Services.Scheduler.Runs;

/// <summary>An entry of stream <c>work</c>: this run may be taken, under this generation.</summary>
internal sealed record WorkEntry(RunId Run, long Generation);

/// <summary>What an event of a run says: its state after the event, why, and the step it is about, if any.</summary>
internal sealed record RunEventData(RunPhase Phase, RunConclusion? Conclusion, RunConclusion? Ending, string? Reason, StepEventData? Step);

/// <summary>A step as an event shows it.</summary>
internal sealed record StepEventData(StepId Id, string Name, StepState State, int? ExitCode, string? Summary);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkEntry))]
[JsonSerializable(typeof(RunEventData))]
internal sealed partial class RunJsonContext : JsonSerializerContext;
