namespace Services.Wsl2Host.Instances;

/// <summary>
/// A moment on the machine's monotonic clock, which no correction of the time moves. The clock counts from the machine's start, so a moment can be
/// written down and read by another process until the machine is restarted.
/// </summary>
/// <param name="Timestamp">A timestamp of the time provider.</param>
internal readonly record struct MonotonicDeadline(long Timestamp)
{
    /// <summary>So much time from now.</summary>
    public static MonotonicDeadline After(TimeSpan span, TimeProvider time) =>
        new(time.GetTimestamp() + (long)((Int128)span.Ticks * time.TimestampFrequency / TimeSpan.TicksPerSecond));

    /// <summary>The time that is left; not positive once it is over.</summary>
    public TimeSpan Left(TimeProvider time) => time.GetElapsedTime(time.GetTimestamp(), Timestamp);

    public bool IsOver(TimeProvider time) => time.GetTimestamp() >= Timestamp;
}
