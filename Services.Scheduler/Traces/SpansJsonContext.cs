using System.Text.Json.Serialization;
using AgentPlatform.Contracts.Runs;

namespace Services.Scheduler.Traces;

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(List<SpanRecord>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class SpansJsonContext : JsonSerializerContext;
