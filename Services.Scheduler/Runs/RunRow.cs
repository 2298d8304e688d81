using System.ComponentModel.DataAnnotations.Schema;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.Persistence;
using Services.Scheduler.Reports;

namespace Services.Scheduler.Runs;

/// <summary>One attempt at one workflow for one commit of one subject.</summary>
internal sealed class RunRow : IOwnedRow
{
    public RunId Id { get; set; }

    // Identity: unique together with Attempt.
    public required string Forge { get; set; }

    public long RepositoryId { get; set; }

    public required string Subject { get; set; }

    public required string HeadSha { get; set; }

    public required string Workflow { get; set; }

    /// <summary>From 1; what people see.</summary>
    public int Attempt { get; set; }

    // What it is about.
    public RunKind Kind { get; set; }

    /// <summary>Display and path only; a repository is its id.</summary>
    public required string Repository { get; set; }

    public long InstallationId { get; set; }

    public int? PullRequest { get; set; }

    public required string BaseSha { get; set; }

    public string? HeadRef { get; set; }

    public required string Title { get; set; }

    public required string Trigger { get; set; }

    /// <summary>The workflow as it was read from the base commit (jsonb).</summary>
    public required string Definition { get; set; }

    // The machine.
    public RunPhase Phase { get; set; }

    public RunConclusion? Conclusion { get; set; }

    public long Generation { get; set; }

    public int Faults { get; set; }

    public RunConclusion? Ending { get; set; }

    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>Raised by every transition; the number of its history event.</summary>
    public long Version { get; set; }

    public string? Reason { get; set; }

    // Admission and the lease.
    public int Priority { get; set; }

    public string? LeaseOwner { get; set; }

    public DateTimeOffset? LeaseExpiresAt { get; set; }

    public HostId? Host { get; set; }

    public InstanceId? Instance { get; set; }

    /// <summary>When its instance was removed after the conclusion; null while there may be one.</summary>
    public DateTimeOffset? CleanedAt { get; set; }

    public DateTimeOffset QueuedAt { get; set; }

    public DateTimeOffset? AdmittedAt { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? ConcludedAt { get; set; }

    // The report.
    public ReportState Report { get; set; }

    public long? CheckRunId { get; set; }

    public long? CommentId { get; set; }

    /// <summary>The check status that the forge was last told, or null before the first.</summary>
    public CheckStatus? ReportedStatus { get; set; }

    public DateTimeOffset? ReportNotBefore { get; set; }

    public int ReportFailures { get; set; }

    /// <summary>W3C trace context of the request that started it.</summary>
    public string? Traceparent { get; set; }

    /// <summary>The part that <see cref="RunMachine"/> decides about.</summary>
    [NotMapped]
    public RunState State
    {
        get => new(Phase, Conclusion, Generation, Faults, Ending, NotBefore, Host, Instance);
        set => (Phase, Conclusion, Generation, Faults, Ending, NotBefore, Host, Instance) =
            (value.Phase, value.Conclusion, value.Generation, value.Faults, value.Ending, value.NotBefore, value.Host, value.Instance);
    }

    /// <summary>A row of its own, to be changed while others read this one.</summary>
    public RunRow Copy() => (RunRow)MemberwiseClone();

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }
}
