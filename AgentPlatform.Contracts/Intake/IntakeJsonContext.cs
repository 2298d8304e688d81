using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts;

/// <summary>Generated JSON code for what crosses intake's borders.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeliveryReceived))]
[JsonSerializable(typeof(DeliveryAcknowledgement))]
[JsonSerializable(typeof(Delivery))]
[JsonSerializable(typeof(Page<Delivery>))]
public sealed partial class IntakeJsonContext : JsonSerializerContext;
