using AgentPlatform.Contracts;

namespace AgentPlatform.Streams;

/// <summary>Puts events on streams. Redis is the road, never the truth: what is published is committed elsewhere first, and published again if the road loses it.</summary>
public interface IStreamPublisher
{
    /// <summary>Names a stream of this environment.</summary>
    /// <param name="name">The bare name, such as <c>intake</c>.</param>
    StreamName Name(string name);

    /// <summary>Publishes an event and wakes the stream's consumers.</summary>
    /// <returns>The entry's id in the stream.</returns>
    /// <exception cref="StackExchange.Redis.RedisException">Redis refused or could not be reached.</exception>
    /// <exception cref="StreamTimeoutException">No answer in time; the entry may or may not be there.</exception>
    Task<string> PublishAsync(StreamName stream, EventEnvelope envelope, CancellationToken cancellationToken);

    /// <summary>Publishes events in order, in one go, already encoded as the JSON of <see cref="EventEnvelope"/>.</summary>
    /// <returns>Their ids in the stream.</returns>
    Task<IReadOnlyList<string>> PublishAsync(StreamName stream, IReadOnlyList<ReadOnlyMemory<byte>> envelopes, CancellationToken cancellationToken);

    /// <summary>How many entries the stream holds; with consumers that trim, how many nobody has finished.</summary>
    Task<long> LengthAsync(StreamName stream, CancellationToken cancellationToken);

    /// <summary>Drops entries that every consumer group has acknowledged. Consumers do it themselves by default.</summary>
    /// <returns>How many went.</returns>
    Task<long> TrimAcknowledgedAsync(StreamName stream, CancellationToken cancellationToken);
}
