using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentPlatform.Contracts;

namespace AgentPlatform.Streams;

/// <summary>Makes envelopes, and reads what is in them.</summary>
public static class EventEnvelopes
{
    /// <summary>Wraps an event that happens now, in the trace that is current.</summary>
    /// <typeparam name="T">What the kind says.</typeparam>
    /// <param name="kind">The kind, such as <c>run.admitted</c>.</param>
    /// <param name="owner">Whose it is.</param>
    /// <param name="data">What it says.</param>
    /// <param name="type">How that is written.</param>
    /// <param name="time">The clock.</param>
    /// <param name="sequence">Its place in its log; 0 where there is none.</param>
    /// <param name="generation">The fence it is written under; 0 where there is none.</param>
    /// <param name="traceparent">The trace it belongs to, if not the current one.</param>
    public static EventEnvelope Create<T>(
        string kind, Ownership owner, T data, JsonTypeInfo<T> type, TimeProvider time, long sequence = 0, long generation = 0, string? traceparent = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new EventEnvelope(
            EnvelopeId.New(time), sequence, generation, SchemaVersion: 1, time.GetUtcNow(), traceparent ?? Activity.Current?.Id, kind, owner, JsonSerializer.SerializeToElement(data, type));
    }

    /// <summary>Reads what an envelope carries.</summary>
    /// <exception cref="PoisonEntryException">It is not of the type, now or ever.</exception>
    public static T Read<T>(this EventEnvelope envelope, JsonTypeInfo<T> type)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(envelope);
        try
        {
            return envelope.Data.Deserialize(type) ?? throw new PoisonEntryException($"The data of a {envelope.Kind} is null.");
        }
        catch (JsonException exception)
        {
            throw new PoisonEntryException($"The data of a {envelope.Kind} cannot be read.", exception);
        }
    }
}
