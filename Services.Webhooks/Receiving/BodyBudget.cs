namespace Services.Webhooks.Receiving;

/// <summary>How many bytes of payloads may be in memory at a time. Requests beyond it are refused, not queued: GitHub's list of deliveries keeps them for the sweep.</summary>
internal sealed class BodyBudget(long max)
{
    private long _taken;

    /// <summary>Bytes in use.</summary>
    public long Taken => Volatile.Read(ref _taken);

    /// <summary>Takes bytes, all or none.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= max)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    /// <summary>Gives bytes back.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
