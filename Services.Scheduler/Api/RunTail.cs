namespace Services.Scheduler.Api;

/// <summary>The newest events of a run that somebody follows, already encoded. Filled by <see cref="RunFeed"/> alone, read by many.</summary>
/// <param name="head">The sequence behind which it begins.</param>
internal sealed class RunTail(long head)
{
    private const int FramesMax = 256;

    private readonly Lock _lock = new();
    private readonly Queue<RunEventFrame> _frames = new();
    private TaskCompletionSource _changed = NewChange();

    /// <summary>Guarded by the feed.</summary>
    public int Readers { get; set; }

    /// <summary>The newest sequence it knows.</summary>
    public long Head { get; private set; } = head;

    public void Add(IReadOnlyList<RunEventFrame> frames)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            foreach (var frame in frames.Where(frame => frame.Sequence > Head))
            {
                _frames.Enqueue(frame);
                Head = frame.Sequence;
            }

            while (_frames.Count > FramesMax)
            {
                _frames.Dequeue();
            }

            (changed, _changed) = (_changed, NewChange());
        }

        changed.SetResult();
    }

    /// <summary>What follows a sequence; null if that is not held here any more, or never was. <c>Changed</c> completes when there is more.</summary>
    public (IReadOnlyList<RunEventFrame>? Frames, Task Changed) After(long sequence)
    {
        lock (_lock)
        {
            if (sequence >= Head)
            {
                return ([], _changed.Task);
            }

            return _frames.TryPeek(out var oldest) && oldest.Sequence <= sequence + 1
                ? ([.. _frames.Where(frame => frame.Sequence > sequence)], _changed.Task)
                : (null, _changed.Task);
        }
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
