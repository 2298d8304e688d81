using System.ComponentModel.DataAnnotations;

namespace Services.Webhooks.HookDeliveries;

/// <summary>How GitHub's own list of deliveries is read, for what was lost and for where GitHub cannot reach us.</summary>
internal sealed class HookSweepOptions
{
    public const string Section = "Webhooks:HookDeliveries";

    /// <summary>Whether it is read. Needs <c>GitHub:AppId</c> and a key; without them it is not. Default: true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How often. Where nothing is new GitHub answers 304, which counts against no limit. Default: 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How far back the first sweep looks. GitHub keeps payloads for 3 days. Default: 3 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan LookBack { get; set; } = TimeSpan.FromDays(3);

    /// <summary>The most pages of 100 in one sweep; the next one goes on behind them. Default: 10.</summary>
    [Range(1, 1_000)]
    public int PagesMax { get; set; } = 10;

    /// <summary>The longest pause after failures. Default: 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "1.00:00:00")]
    public TimeSpan PauseMax { get; set; } = TimeSpan.FromMinutes(5);
}
