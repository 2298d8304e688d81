using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.Persistence;
using Services.Scheduler.Policies;

namespace Services.Scheduler.Steps;

/// <summary>A step of a run. Its command's id is on the row before the command starts: that is what keeps it from starting twice.</summary>
internal sealed class StepRow : IOwnedRow
{
    public StepId Id { get; set; }

    public RunId RunId { get; set; }

    public int Index { get; set; }

    public required string Name { get; set; }

    public StepKind Kind { get; set; }

    public StepState State { get; set; }

    public CommandId? Command { get; set; }

    public SessionId? Session { get; set; }

    public int? ExitCode { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public string? Summary { get; set; }

    /// <summary>The end of its output, compressed with Brotli, kept when the instance goes.</summary>
    public byte[]? Log { get; set; }

    public long LogBytes { get; set; }

    public bool LogTruncated { get; set; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }
}
