using System.ComponentModel.DataAnnotations;

namespace Services.Scheduler.Admission;

/// <summary>How many runs go at a time, and in which order.</summary>
internal sealed class AdmissionOptions
{
    public const string Section = "Scheduler:Admission";

    /// <summary>Runs between admission and conclusion, over all repositories. Hosts have their own limits beside it.</summary>
    [Range(1, 10_000)]
    public int ActiveMax { get; set; } = 32;

    /// <summary>The same for one repository, so that a busy one leaves room for the others.</summary>
    [Range(1, 10_000)]
    public int ActivePerRepositoryMax { get; set; } = 8;

    /// <summary>Waiting this long raises a run by one priority.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan Ageing { get; set; } = TimeSpan.FromMinutes(10);
}
