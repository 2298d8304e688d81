using System.ComponentModel.DataAnnotations;

namespace Services.Scheduler.Workers;

/// <summary>How this process works on runs.</summary>
internal sealed class WorkerOptions
{
    public const string Section = "Scheduler:Worker";

    /// <summary>Runs that this process drives at a time; more wait on the stream for it or another.</summary>
    [Range(1, 1_000)]
    public int RunsMax { get; set; } = 32;

    /// <summary>How long a run stays with a worker that gives no sign of life. Renewed three times as often.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long an instance outlives its run's worker: long enough for another to take over.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan InstanceLease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Where people find a run; <c>/runs/{id}</c> is appended. Null leaves the link out of reports.</summary>
    public Uri? ConsoleUrl { get; set; }
}
