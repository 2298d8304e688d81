namespace AgentPlatform.Streams;

/// <summary>Pauses that double, with jitter, up to a limit.</summary>
public static class Backoff
{
    /// <summary>The pause before the next attempt: half of it certain, half by chance, so that many who failed together do not return together.</summary>
    /// <param name="failures">How many attempts have failed, from 1.</param>
    /// <param name="first">The full pause after the first failure.</param>
    /// <param name="max">The longest pause.</param>
    public static TimeSpan Delay(int failures, TimeSpan first, TimeSpan max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failures, 1);
        var full = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30)), max.TotalMilliseconds);
#pragma warning disable CA5394 // Jitter needs no secrecy.
        return TimeSpan.FromMilliseconds(full / 2 + full / 2 * Random.Shared.NextDouble());
#pragma warning restore CA5394
    }
}
