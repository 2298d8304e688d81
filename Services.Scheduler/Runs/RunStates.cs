namespace Services.Scheduler.Runs;

/// <summary>What a run is about. What triggered it is an attribute, not a kind.</summary>
internal enum RunKind
{
    PullRequest,
    MergeGroup,
    Push,
    Manual,
    Schedule,
    AgentTask,
}

/// <summary>How far a run has come; only ever forwards.</summary>
internal enum RunPhase
{
    Queued,
    AwaitingApproval,
    Admitted,
    Provisioning,
    Fetching,
    Running,
    Concluded,
}

/// <summary>How a concluded run ended.</summary>
internal enum RunConclusion
{
    Success,
    Failure,
    Cancelled,
    TimedOut,
    Superseded,
    Skipped,
    Neutral,
    ActionRequired,
}

/// <summary>What the forge was told of the run; moves beside the phase, never in its way.</summary>
internal enum ReportState
{
    Pending,
    Posted,
    Settled,
}
