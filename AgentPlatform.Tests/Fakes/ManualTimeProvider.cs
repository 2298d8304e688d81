namespace AgentPlatform.Tests.Fakes;

/// <summary>
/// A clock that only a test moves. Its timestamps tick at an odd rate, so that code which takes them for ticks of a TimeSpan is found out.
/// </summary>
public sealed class ManualTimeProvider(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(Func<TimeSpan, bool> Accepts, TaskCompletionSource Found)> _waiters = [];
    private TimeSpan _elapsed;

    public ManualTimeProvider()
        : this(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero))
    {
    }

    /// <summary>Ticks of <see cref="GetTimestamp"/> in a second: a prime, on purpose.</summary>
    public override long TimestampFrequency => 3_999_971;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return start + _elapsed;
        }
    }

    public override long GetTimestamp()
    {
        lock (_lock)
        {
            // Rounded up, so that a span just advanced never measures as shorter than it was.
            return (long)Int128.DivRem((Int128)_elapsed.Ticks * TimestampFrequency + TimeSpan.TicksPerSecond - 1, TimeSpan.TicksPerSecond).Quotient;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock and runs, in order and on this thread, every timer that falls due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        TimeSpan target;
        lock (_lock)
        {
            target = _elapsed + by;
        }

        while (TakeDue(target) is { } timer)
        {
            timer.Fire();
        }
    }

    /// <summary>
    /// Completes when a timer is set that is due in a time the test accepts: then the code under test is waiting, and the clock can be moved.
    /// </summary>
    public async Task WaitForTimerAsync(Func<TimeSpan, bool>? accepts = null)
    {
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiters.Add((accepts ?? (static _ => true), found));
            Notify();
        }

        await found.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private ManualTimer? TakeDue(TimeSpan target)
    {
        lock (_lock)
        {
            var next = _timers.Where(timer => timer.Due <= target).MinBy(timer => timer.Due);
            _elapsed = next?.Due > _elapsed ? next.Due : next is null ? target : _elapsed;
            next?.Rearm();
            return next;
        }
    }

    private void Notify()
    {
        var remaining = _timers.Select(timer => timer.Due - _elapsed).ToArray();
        foreach (var waiter in _waiters.Where(waiter => remaining.Any(waiter.Accepts)).ToArray())
        {
            _waiters.Remove(waiter);
            waiter.Found.SetResult();
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, Action callback) : ITimer
    {
        private TimeSpan _period;

        public TimeSpan Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                clock._timers.Remove(this);
                _period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = clock._elapsed + dueTime;
                    clock._timers.Add(this);
                    clock.Notify();
                }
            }

            return true;
        }

        public void Rearm()
        {
            clock._timers.Remove(this);
            if (_period > TimeSpan.Zero)
            {
                Due += _period;
                clock._timers.Add(this);
            }
        }

        public void Fire() => callback();

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
