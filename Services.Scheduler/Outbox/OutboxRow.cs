using AgentPlatform.Contracts;
using AgentPlatform.Persistence;

namespace Services.Scheduler.Outbox;

/// <summary>A stream entry that must go out because of a committed change; removed once Redis has taken it.</summary>
internal sealed class OutboxRow : IOwnedRow
{
    public long Id { get; set; }

    public required string Stream { get; set; }

    public required string Kind { get; set; }

    /// <summary>The run, delivery or other thing it is about: the reconcile looks for it.</summary>
    public Guid About { get; set; }

    public long Generation { get; set; }

    /// <summary>jsonb.</summary>
    public required string Data { get; set; }

    public string? Traceparent { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }
}
