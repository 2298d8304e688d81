using AgentPlatform.Contracts;
using AgentPlatform.Streams;
using Services.Scheduler.Loops;
using Services.Scheduler.Runs;

namespace Services.Scheduler.Api;

/// <summary>
/// What happens to the runs that somebody follows. All readers of a run share one tail, and all tails one query: at once when this process
/// changed a run, else every second, for what other replicas did. Postgres alone is asked, so a lost signal or an emptied Redis costs a second at most.
/// </summary>
internal sealed class RunFeed : Loop
{
    private const int NewsMax = 500;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Dictionary<RunId, RunTail> _tails = [];
    private readonly Lock _lock = new();
    private readonly RunEventReader _events;
    private readonly RunSignals _signals;
    private readonly Signal _wake;

    public RunFeed(RunEventReader events, RunSignals signals, LoopRegistry loops, TimeProvider time, ILogger<RunFeed> logger)
        : this(events, signals, new Signal(time), loops, time, logger)
    {
    }

    private RunFeed(RunEventReader events, RunSignals signals, Signal wake, LoopRegistry loops, TimeProvider time, ILogger logger)
        : base(LookEvery, wake, loops, time, logger)
    {
        (_events, _signals, _wake) = (events, signals, wake);
        _signals.Changed += OnChanged;
    }

    /// <summary>Readers of one process; one more is turned away.</summary>
    public const int ReadersMax = 2000;

    /// <summary>How many runs are followed.</summary>
    public int Tails
    {
        get
        {
            lock (_lock)
            {
                return _tails.Count;
            }
        }
    }

    /// <summary>Begins to follow a run behind a sequence; null if there are too many readers.</summary>
    public RunFeedReader? Open(RunId run, long after)
    {
        lock (_lock)
        {
            if (_tails.Values.Sum(tail => tail.Readers) >= ReadersMax)
            {
                return null;
            }

            if (!_tails.TryGetValue(run, out var tail))
            {
                tail = _tails[run] = new RunTail(after);
            }

            tail.Readers++;
            _wake.Raise();
            return new RunFeedReader(this, _events, tail, run, after);
        }
    }

    public override async Task<bool> PollOnceAsync(CancellationToken cancellationToken)
    {
        Dictionary<RunId, RunTail> followed;
        lock (_lock)
        {
            followed = new Dictionary<RunId, RunTail>(_tails);
        }

        if (followed.Count == 0)
        {
            return false;
        }

        var news = await _events.NewsAsync(followed.ToDictionary(pair => pair.Key, pair => pair.Value.Head), NewsMax, cancellationToken);
        foreach (var run in news.GroupBy(row => row.RunId))
        {
            followed[run.Key].Add([.. run.Select(RunEventReader.Frame)]);
        }

        return news.Count == NewsMax;
    }

    public override void Dispose()
    {
        _signals.Changed -= OnChanged;
        base.Dispose();
    }

    internal void Close(RunId run, RunTail tail)
    {
        lock (_lock)
        {
            if (--tail.Readers == 0)
            {
                _tails.Remove(run);
            }
        }
    }

    private void OnChanged(RunRow run)
    {
        lock (_lock)
        {
            if (!_tails.ContainsKey(run.Id))
            {
                return;
            }
        }

        _wake.Raise();
    }
}
