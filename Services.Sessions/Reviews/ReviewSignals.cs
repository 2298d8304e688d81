using System.Collections.Concurrent;
using AgentPlatform.Contracts;
using AgentPlatform.Streams;

namespace Services.Sessions.Reviews;

/// <summary>Who wakes when a review was asked for or has ended. It only saves time: everybody also looks by himself.</summary>
internal sealed class ReviewSignals(TimeProvider time)
{
    private readonly ConcurrentDictionary<SessionId, TaskCompletionSource> _ends = new();

    /// <summary>A review wants to be driven, or stopped.</summary>
    public Signal Wanted { get; } = new(time);

    public void Ended(SessionId session)
    {
        if (_ends.TryRemove(session, out var waiting))
        {
            waiting.TrySetResult();
        }
    }

    /// <summary>Waits until the review has ended in this process, at most for a time.</summary>
    public async Task WaitAsync(SessionId session, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var waiting = _ends.GetOrAdd(session, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await waiting.Task.WaitAsync(atMost, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            _ends.TryRemove(new KeyValuePair<SessionId, TaskCompletionSource>(session, waiting));
        }
    }
}
