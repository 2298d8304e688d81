namespace AgentPlatform.Streams;

/// <summary>
/// Does the work of entries. The contract: handle, then record, then return; only then is the entry acknowledged.
/// Entries come at least once, so a handler looks at what is recorded before it acts. One instance serves one call, from a scope of its own.
/// </summary>
public interface IStreamHandler
{
    /// <summary>Handles entries: one, unless the consumer was given a larger <see cref="StreamConsumerOptions.BatchMax"/>.</summary>
    /// <remarks>
    /// An exception leaves them pending, and they come again, a batch of several one by one.
    /// An exception that speaks of an outage (<see cref="StreamConsumerOptions.IsOutage"/>) does not count against the entry.
    /// <see cref="PoisonEntryException"/> gives an entry up at once.
    /// </remarks>
    /// <param name="entries">At least one.</param>
    /// <param name="cancellationToken">Cancelled when the process stops and <see cref="StreamConsumerOptions.StopGrace"/> is over; the entry then goes to another consumer.</param>
    Task HandleAsync(IReadOnlyList<StreamEntry> entries, CancellationToken cancellationToken);

    /// <summary>Called before an entry goes to the dead letters, for the owner to record it. If this fails, the entry stays pending and is given up later.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="cause">Why.</param>
    /// <param name="cancellationToken">As in <see cref="HandleAsync"/>.</param>
    Task OnDeadLetterAsync(StreamEntry entry, string cause, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>No repetition can help this entry: it goes to the dead letters at once.</summary>
public sealed class PoisonEntryException : Exception
{
    /// <summary>Gives an entry up.</summary>
    /// <param name="message">The cause, without secrets: people read it beside the dead letter.</param>
    public PoisonEntryException(string message)
        : base(message)
    {
    }

    /// <summary>Gives an entry up.</summary>
    /// <param name="message">The cause, without secrets: people read it beside the dead letter.</param>
    /// <param name="innerException">What led to it.</param>
    public PoisonEntryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
