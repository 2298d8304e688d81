using AgentPlatform.Contracts;
using AgentPlatform.Persistence;

namespace Services.Scheduler.Traces;

/// <summary>A span of a run's trace, kept with its history.</summary>
internal sealed class SpanRow : IOwnedRow
{
    public RunId RunId { get; set; }

    public required string TraceId { get; set; }

    public required string SpanId { get; set; }

    public string? ParentSpanId { get; set; }

    public required string Service { get; set; }

    public required string Name { get; set; }

    public required string Kind { get; set; }

    public required string Status { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>jsonb object.</summary>
    public required string Attributes { get; set; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }
}
