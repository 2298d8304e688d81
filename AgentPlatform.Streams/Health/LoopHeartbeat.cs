namespace AgentPlatform.Streams;

/// <summary>
/// The sign of life of one background loop: it beats each time round, and says when a pass failed. What is silent for too long is stale.
/// </summary>
public sealed class LoopHeartbeat
{
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private long _lastBeat;
    private int _failures;
    private string? _fault;

    internal LoopHeartbeat(string name, TimeSpan silenceMax, TimeProvider time)
    {
        (Name, SilenceMax, _time) = (name, silenceMax, time);
        _lastBeat = time.GetTimestamp();
    }

    /// <summary>The loop's name in the health report.</summary>
    public string Name { get; }

    /// <summary>How long it may be silent.</summary>
    public TimeSpan SilenceMax { get; }

    /// <summary>A pass succeeded, or there was nothing to do.</summary>
    public void Beat()
    {
        lock (_lock)
        {
            (_lastBeat, _failures, _fault) = (_time.GetTimestamp(), 0, null);
        }
    }

    /// <summary>A pass failed; the loop is alive and will try again.</summary>
    /// <returns>How many passes have failed in a row.</returns>
    public int Failed(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        lock (_lock)
        {
            (_lastBeat, _fault) = (_time.GetTimestamp(), exception.GetType().Name);
            return ++_failures;
        }
    }

    /// <summary>What is wrong with the loop, or null. A single failed pass is not yet a fault.</summary>
    internal string? Fault()
    {
        lock (_lock)
        {
            var silence = _time.GetElapsedTime(_lastBeat);
            return silence > SilenceMax ? $"stale: silent for {silence.TotalSeconds:F0} s"
                : _failures > 1 ? $"faulted: {_failures} passes failed in a row, last with {_fault}"
                : null;
        }
    }
}
