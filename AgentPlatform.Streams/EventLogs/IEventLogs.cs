namespace AgentPlatform.Streams;

/// <summary>
/// Numbered logs: entry n has the stream id <c>n-0</c>, so that a log built anew from Postgres is the same log, and <c>Last-Event-ID</c> means the same everywhere.
/// In Redis a log is always one run of neighbours, perhaps without its beginning; what is missing there comes from the owner's loader.
/// A writer commits to Postgres first and appends then.
/// </summary>
public interface IEventLogs
{
    /// <summary>Names a log of this environment.</summary>
    /// <param name="name">The bare name, such as <c>runs.run_0198…</c>.</param>
    StreamName Name(string name);

    /// <summary>Appends entries that follow one another, each the JSON of an event envelope on one line.</summary>
    /// <param name="log">The log.</param>
    /// <param name="firstSequence">The number of the first of them, from 1.</param>
    /// <param name="entries">The entries.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What came of it: what was there already is passed over, a gap is refused.</returns>
    Task<AppendResult> AppendAsync(StreamName log, long firstSequence, IReadOnlyList<ReadOnlyMemory<byte>> entries, CancellationToken cancellationToken);

    /// <summary>
    /// The answer to a gap: lets a log that Redis lost, or holds too old, go on behind a sequence up to which Postgres holds everything. A log that is further already stays as it is.
    /// </summary>
    /// <returns>The last sequence afterwards.</returns>
    Task<long> RebaseAsync(StreamName log, long heldSequence, CancellationToken cancellationToken);

    /// <summary>The last sequence that Redis knows of; 0 if it knows nothing of the log.</summary>
    Task<long> LastAsync(StreamName log, CancellationToken cancellationToken);

    /// <summary>Drops entries up to and including a sequence, because the owner says that Postgres holds them. Nothing else ever shortens a log.</summary>
    /// <returns>How many went.</returns>
    Task<long> TrimBehindAsync(StreamName log, long sequence, CancellationToken cancellationToken);

    /// <summary>Lets a finished log go from Redis after a while; Postgres keeps it.</summary>
    Task ExpireAsync(StreamName log, TimeSpan after, CancellationToken cancellationToken);

    /// <summary>
    /// Reads everything behind a sequence without gap or duplicate, then what is appended, until the caller stops. All readers of a log in this process share one tail;
    /// one that falls behind it reads on from storage at its own pace, so nothing is buffered for it.
    /// </summary>
    /// <param name="log">The log.</param>
    /// <param name="afterSequence">The last sequence that the reader has; 0 for the beginning.</param>
    /// <param name="loader">Reads what Redis does not hold; null if Redis is known to hold all that will be read.</param>
    /// <param name="cancellationToken">Ends the reading, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="EventLogGapException">An entry is neither in Redis nor with the loader.</exception>
    IAsyncEnumerable<EventLogEntry> ReadAsync(StreamName log, long afterSequence, EventLogLoader? loader, CancellationToken cancellationToken);
}

/// <summary>Reads entries of a log from where they are kept for good.</summary>
/// <param name="afterSequence">The sequence to go on behind.</param>
/// <param name="max">The most entries to return.</param>
/// <param name="cancellationToken">The reader has gone.</param>
/// <returns>Neighbours from <paramref name="afterSequence"/> + 1 on; none if there are none yet.</returns>
public delegate Task<IReadOnlyList<EventLogRecord>> EventLogLoader(long afterSequence, int max, CancellationToken cancellationToken);

/// <summary>An entry as the owner keeps it.</summary>
/// <param name="Sequence">Its number in the log.</param>
/// <param name="Json">The JSON of its event envelope, on one line.</param>
public readonly record struct EventLogRecord(long Sequence, ReadOnlyMemory<byte> Json);

/// <summary>What came of an append.</summary>
/// <param name="IsGap">Nothing was appended, because entries before these are missing in Redis.</param>
/// <param name="Appended">How many were new.</param>
/// <param name="LastSequence">The last sequence in Redis now.</param>
public readonly record struct AppendResult(bool IsGap, int Appended, long LastSequence);

/// <summary>An entry of a log is lost: neither Redis nor the loader has it, although later ones exist.</summary>
public sealed class EventLogGapException : Exception
{
    /// <summary>Names the lost entry.</summary>
    /// <param name="log">The log.</param>
    /// <param name="sequence">The first sequence that is missing.</param>
    public EventLogGapException(StreamName log, long sequence)
        : base($"Entry {sequence} of {log.Name} is neither in Redis nor with its owner.") => Sequence = sequence;

    /// <summary>The first sequence that is missing.</summary>
    public long Sequence { get; }
}
