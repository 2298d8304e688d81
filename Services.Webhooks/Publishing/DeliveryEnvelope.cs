using System.Text.Json.Serialization;
using AgentPlatform.Contracts;

namespace Services.Webhooks.Publishing;

/// <summary>
/// An <see cref="EventEnvelope"/> that holds a delivery. Written, the two are the same; this one is written at once, without its data becoming a
/// JSON document first.
/// </summary>
internal sealed record DeliveryEnvelope(
    EnvelopeId Id,
    long Sequence,
    long Generation,
    int SchemaVersion,
    [property: JsonConverter(typeof(UtcMicrosecondsJsonConverter))] DateTimeOffset Time,
    string? Traceparent,
    string Kind,
    Ownership Owner,
    DeliveryReceived Data);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeliveryEnvelope))]
internal sealed partial class DeliveryEnvelopeJsonContext : JsonSerializerContext;
