using System.ComponentModel.DataAnnotations;

namespace Services.Sessions.Reviews;

/// <summary>How this process holds reviews.</summary>
internal sealed class ReviewOptions
{
    public const string Section = "Sessions:Reviews";

    /// <summary>Reviews that this process drives at a time; more wait for it or another.</summary>
    [Range(1, 1_000)]
    public int AtATimeMax { get; set; } = 32;

    /// <summary>How long a review stays with a process that gives no sign of life. Renewed three times as often.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(12);

    /// <summary>How long a host may be silent before its agent counts as lost: for about as long, the run's instance outlives a silence of its worker.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan HostPatience { get; set; } = TimeSpan.FromSeconds(60);
}
