using System.Collections.Concurrent;

namespace AgentPlatform.Streams;

/// <summary>The entries that this consumer has in hand, whether it works on them or waits to try again. Their idle time is renewed, so that nobody takes them over.</summary>
internal sealed class HeldEntries
{
    private readonly ConcurrentDictionary<string, bool> _ids = new(StringComparer.Ordinal);
    private int _waiting;

    /// <summary>How many wait for another attempt.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>The ids in hand at this moment.</summary>
    public IReadOnlyCollection<string> Ids => [.. _ids.Keys];

    /// <summary>Takes an entry in hand; false if it already is, as when it was reclaimed from ourselves.</summary>
    public bool TryHold(string id) => _ids.TryAdd(id, true);

    /// <summary>Lets an entry go.</summary>
    public void Release(string id) => _ids.TryRemove(id, out _);

    /// <summary>An entry begins to wait.</summary>
    public void BeginWait() => Interlocked.Increment(ref _waiting);

    /// <summary>An entry's wait is over.</summary>
    public void EndWait() => Interlocked.Decrement(ref _waiting);
}
