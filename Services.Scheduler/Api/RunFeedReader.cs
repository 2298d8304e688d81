using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;

namespace Services.Scheduler.Api;

/// <summary>One reader's place in a run's events. It reads on at its own pace: where it falls behind the tail, storage is asked.</summary>
internal sealed class RunFeedReader(RunFeed feed, RunEventReader events, RunTail tail, RunId run, long after) : IDisposable
{
    private long _position = after;
    private bool _closed;

    /// <summary>What follows, without gap or duplicate; nothing if there was nothing for the given time.</summary>
    public async Task<IReadOnlyList<RunEventFrame>> NextAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        var (frames, changed) = tail.After(_position);
        if (frames is { Count: 0 })
        {
            try
            {
                await changed.WaitAsync(atMost, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return [];
            }

            frames = tail.After(_position).Frames;
        }

        frames ??= [.. (await events.PageAsync(run, _position, RunLimits.EventsMax, cancellationToken)).Select(RunEventReader.Frame)];
        if (frames.Count > 0)
        {
            _position = frames[^1].Sequence;
        }

        return frames;
    }

    public void Dispose()
    {
        if (!_closed)
        {
            _closed = true;
            feed.Close(run, tail);
        }
    }
}
