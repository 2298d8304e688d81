using AgentPlatform.Contracts;
using AgentPlatform.Persistence;

namespace Services.Scheduler.Runs;

/// <summary>A fact of a run's history. Sequence is the run's version that it made.</summary>
internal sealed class RunEventRow : IOwnedRow
{
    public RunId RunId { get; set; }

    public long Sequence { get; set; }

    public EnvelopeId Id { get; set; }

    public long Generation { get; set; }

    public DateTimeOffset Time { get; set; }

    public required string Kind { get; set; }

    /// <summary>jsonb.</summary>
    public required string Data { get; set; }

    public string? Traceparent { get; set; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }
}
