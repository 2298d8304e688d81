using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts.Runs;

/// <summary>Generated JSON code for the runs API.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Page<RunSummary>))]
[JsonSerializable(typeof(RunDetail))]
[JsonSerializable(typeof(RunStatistics))]
[JsonSerializable(typeof(RunLog))]
[JsonSerializable(typeof(RunEventsPage))]
[JsonSerializable(typeof(RunTrace))]
[JsonSerializable(typeof(CreateRunRequest))]
[JsonSerializable(typeof(DeployPullRequestRequest))]
[JsonSerializable(typeof(StartedRuns))]
[JsonSerializable(typeof(DeployPullRequestReply))]
[JsonSerializable(typeof(SpanBatch))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
public sealed partial class RunsJsonContext : JsonSerializerContext;
