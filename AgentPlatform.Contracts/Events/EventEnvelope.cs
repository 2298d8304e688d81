using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts;

/// <summary>
/// The one form in which events travel and are kept: in streams, logs, histories and live feeds.
/// A reader ignores kinds and properties that it does not know.
/// </summary>
/// <param name="Id">The event; a copy keeps it.</param>
/// <param name="Sequence">Its place in its own log, from 1 without gaps; 0 where there is no log.</param>
/// <param name="Generation">The fence of the lease it was written under; 0 where there is no lease. An older generation's late answer is refused.</param>
/// <param name="SchemaVersion">The version of <paramref name="Data"/> for this kind, from 1.</param>
/// <param name="Time">When it happened, in UTC; kept to the microsecond.</param>
/// <param name="Traceparent">The W3C trace context that it belongs to, if any.</param>
/// <param name="Kind">What happened, in the past tense, such as <c>run.admitted</c>.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="Data">What the kind says, as JSON.</param>
public sealed record EventEnvelope(
    EnvelopeId Id,
    long Sequence,
    long Generation,
    int SchemaVersion,
    [property: JsonConverter(typeof(UtcMicrosecondsJsonConverter))] DateTimeOffset Time,
    string? Traceparent,
    string Kind,
    Ownership Owner,
    JsonElement Data);
