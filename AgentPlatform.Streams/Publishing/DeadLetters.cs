using System.Globalization;
using System.Text;
using AgentPlatform.Streams.Redis;

namespace AgentPlatform.Streams;

/// <summary>An entry that was given up.</summary>
/// <param name="Id">Its id among the dead letters.</param>
/// <param name="EntryId">The id it had on its stream.</param>
/// <param name="Group">The consumer group that gave it up.</param>
/// <param name="Cause">Why.</param>
/// <param name="Deliveries">How often it was delivered.</param>
/// <param name="Body">The entry as it was; the JSON of an event envelope unless that was the fault.</param>
public sealed record DeadLetter(string Id, string EntryId, string Group, string Cause, int Deliveries, ReadOnlyMemory<byte> Body);

/// <summary>The dead letters of streams, for operators.</summary>
public interface IDeadLetters
{
    /// <summary>Lists dead letters, oldest first.</summary>
    /// <param name="stream">The stream that they were on.</param>
    /// <param name="after">The id to go on behind, or null for the beginning.</param>
    /// <param name="count">The most to return.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<DeadLetter>> ListAsync(StreamName stream, string? after, int count, CancellationToken cancellationToken);

    /// <summary>Puts a dead letter back on its stream, under a new id and for every group. False if it is gone.</summary>
    Task<bool> ReviveAsync(StreamName stream, string id, CancellationToken cancellationToken);
}

internal sealed class DeadLetters(RedisStreams redis) : IDeadLetters
{
    public async Task<IReadOnlyList<DeadLetter>> ListAsync(StreamName stream, string? after, int count, CancellationToken cancellationToken)
    {
        var entries = await redis.RangeAsync(stream.DeadLetterKey, after is null ? "-" : $"({after}", "+", count, cancellationToken).ConfigureAwait(false);
        return [.. entries.Select(entry => new DeadLetter(
            entry.Id, Text(entry, "id"), Text(entry, "group"), Text(entry, "cause"), int.Parse(Text(entry, "deliveries"), CultureInfo.InvariantCulture), entry.Body))];
    }

    public Task<bool> ReviveAsync(StreamName stream, string id, CancellationToken cancellationToken) => redis.ReviveAsync(stream, id, cancellationToken);

    private static string Text(RawEntry entry, string field) => Encoding.UTF8.GetString(entry.Field(field) ?? []);
}
