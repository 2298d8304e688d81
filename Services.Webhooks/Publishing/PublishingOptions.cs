using System.ComponentModel.DataAnnotations;

namespace Services.Webhooks.Publishing;

/// <summary>How stored deliveries get on the road, and back on it when it lost them.</summary>
internal sealed class PublishingOptions
{
    public const string Section = "Webhooks:Publishing";

    /// <summary>How long a delivery may be unacknowledged before it is published again; doubles with each time. Default: 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan RepublishAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest such time. Default: 30 s, so that an emptied Redis is repaired within that.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan RepublishAfterMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the sweep looks for them. Default: 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The most deliveries that one sweep publishes. Default: 500.</summary>
    [Range(1, 10_000)]
    public int SweepMax { get; set; } = 500;

    /// <summary>The most entries on the stream: with so many waiting, Scheduler is behind, and more would only fill Redis. They follow when it has caught up. Default: 10,000.</summary>
    [Range(1, 1_000_000)]
    public int BacklogMax { get; set; } = 10_000;

    /// <summary>The most committed deliveries that wait here to be published; the sweep publishes what finds no room. Default: 4,096.</summary>
    [Range(1, 100_000)]
    public int QueueMax { get; set; } = 4_096;
}
