namespace Aspire.Hosting.Running.Health;

/// <summary>
/// How long after one round of checks the next one comes. Aspire waits 1, 2… up to 5 s while a resource is unhealthy and 30 s
/// while it is healthy; before it was healthy for the first time the rounds follow faster here, since others wait for it.
/// </summary>
internal sealed class HealthSchedule
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UnhealthyMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Healthy = TimeSpan.FromSeconds(30);

    private bool _wasHealthy;
    private TimeSpan _last;

    /// <summary>The pause after a round.</summary>
    public TimeSpan Next(bool healthy)
    {
        if (healthy)
        {
            _wasHealthy = true;
            _last = TimeSpan.Zero;
            return Healthy;
        }

        _last = (_wasHealthy, _last) switch
        {
            (true, _) => Shorter(_last + Step, UnhealthyMax),
            (false, { Ticks: 0 }) => First,
            (false, _) when _last < FirstMax => Shorter(_last * 1.3, FirstMax),
            _ => Shorter(_last + Step, UnhealthyMax),
        };
        return _last;
    }

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
