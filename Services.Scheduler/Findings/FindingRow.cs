using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.Persistence;

namespace Services.Scheduler.Findings;

/// <summary>Something a review or a tool found at a place in the change.</summary>
internal sealed class FindingRow : IOwnedRow
{
    public FindingId Id { get; set; }

    public RunId RunId { get; set; }

    public StepId StepId { get; set; }

    public required string File { get; set; }

    public int Line { get; set; }

    public FindingSeverity Severity { get; set; }

    public required string Title { get; set; }

    public required string Message { get; set; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }
}
