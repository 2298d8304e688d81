using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts.Runs;

/// <summary>Where a run stands on its road. The order of the members is the order of the road.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<RunPhase>))]
public enum RunPhase
{
    /// <summary>Wanted, and waiting for admission.</summary>
    Queued,

    /// <summary>Wanted, but held until a person with write access approves exactly this commit.</summary>
    AwaitingApproval,

    /// <summary>Chosen by admission; a worker may take it.</summary>
    Admitted,

    /// <summary>A host is making its instance.</summary>
    Provisioning,

    /// <summary>The commit is being fetched into the instance.</summary>
    Fetching,

    /// <summary>Its steps run.</summary>
    Running,

    /// <summary>Ended; see <see cref="RunConclusion"/>. Nothing moves it on.</summary>
    Concluded,
}

/// <summary>How a run ended. The names are GitHub's check conclusions, with <see cref="Superseded"/> added (reported there as cancelled).</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<RunConclusion>))]
public enum RunConclusion
{
    /// <summary>Every required step passed.</summary>
    Success,

    /// <summary>A required step failed, or the review found an error.</summary>
    Failure,

    /// <summary>Somebody asked for it to end, or its pull request was closed.</summary>
    Cancelled,

    /// <summary>A limit of time was reached.</summary>
    TimedOut,

    /// <summary>A newer head of the same subject took its place.</summary>
    Superseded,

    /// <summary>The policy found nothing to do for this change.</summary>
    Skipped,

    /// <summary>The platform could not finish it, through no fault of the change.</summary>
    Neutral,

    /// <summary>A person must act before it can go on.</summary>
    ActionRequired,
}

/// <summary>What is known of a run's report on the forge.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<ReportState>))]
public enum ReportState
{
    /// <summary>Nothing has been written yet.</summary>
    Pending,

    /// <summary>A live check run stands on the commit.</summary>
    Posted,

    /// <summary>The conclusion, its annotations and the comment are on the forge.</summary>
    Settled,
}

/// <summary>What a run is about. What triggered it is an attribute, not a kind.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<RunKind>))]
public enum RunKind
{
    /// <summary>The head of a pull request; subject <c>pr/12</c>.</summary>
    PullRequest,

    /// <summary>A merge group of a merge queue; subject <c>merge-group/…</c>.</summary>
    MergeGroup,

    /// <summary>The head of a branch; subject <c>branch/main</c>.</summary>
    Push,

    /// <summary>Asked for over the API; subject <c>pr/…</c> or <c>branch/…</c>.</summary>
    Manual,

    /// <summary>A schedule's fire; subject <c>schedule/&lt;id&gt;/&lt;fire time&gt;</c>.</summary>
    Schedule,

    /// <summary>A task for an agent; subject <c>task/&lt;idempotency key&gt;</c>.</summary>
    AgentTask,
}

/// <summary>Where a step of a run stands.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<StepState>))]
public enum StepState
{
    /// <summary>Its turn has not come.</summary>
    Waiting,

    /// <summary>Its command or agent turn is under way.</summary>
    Running,

    /// <summary>It ended well.</summary>
    Passed,

    /// <summary>It ended badly: a result, not a fault.</summary>
    Failed,

    /// <summary>It ran out of its time.</summary>
    TimedOut,

    /// <summary>It was not needed, or an earlier step decided the run.</summary>
    Skipped,

    /// <summary>The run was ended while it was under way.</summary>
    Cancelled,
}

/// <summary>How grave a finding is. The names are GitHub's annotation levels, <see cref="Error"/> being its <c>failure</c>.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<FindingSeverity>))]
public enum FindingSeverity
{
    /// <summary>Good to know.</summary>
    Notice,

    /// <summary>Should be looked at.</summary>
    Warning,

    /// <summary>Must be mended; the run fails.</summary>
    Error,
}

/// <summary>The kind of a fault, which decides whether the platform tries again.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<FaultCategory>))]
public enum FaultCategory
{
    /// <summary>Something did not answer this time. Tried again.</summary>
    Transient,

    /// <summary>A part of the platform was lost. Tried again, elsewhere if need be.</summary>
    Infrastructure,

    /// <summary>It will not work however often it is tried.</summary>
    Permanent,

    /// <summary>A limit of the instance was reached.</summary>
    Resource,

    /// <summary>A setting or the policy file is wrong.</summary>
    Configuration,
}
