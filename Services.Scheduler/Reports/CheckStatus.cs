namespace Services.Scheduler.Reports;

/// <summary>What the forge is told of a run: a status of the check run, or the conclusion that stands for a wait.</summary>
internal enum CheckStatus
{
    /// <summary>Wanted, not yet begun.</summary>
    Queued,

    /// <summary>Held until a person approves; GitHub's conclusion <c>action_required</c>.</summary>
    ActionRequired,

    /// <summary>Under way.</summary>
    InProgress,

    /// <summary>Concluded.</summary>
    Completed,
}
