using AgentPlatform.Contracts;

namespace AgentPlatform.Streams;

/// <summary>An entry of a stream, as a handler sees it.</summary>
/// <param name="Id">Its id in the stream. A copy published again has another: identity is the envelope's.</param>
/// <param name="Envelope">The event.</param>
/// <param name="Deliveries">How often it was delivered, this time included.</param>
public sealed record StreamEntry(string Id, EventEnvelope Envelope, int Deliveries);
