using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts;

/// <summary>Generated JSON code for what every service shares. A feature's own contracts bring a context of their own.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventEnvelope))]
[JsonSerializable(typeof(ServiceInfo))]
[JsonSerializable(typeof(ServiceStatus))]
[JsonSerializable(typeof(SystemStatus))]
public sealed partial class ContractsJsonContext : JsonSerializerContext;
