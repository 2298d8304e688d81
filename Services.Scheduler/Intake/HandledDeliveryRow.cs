using AgentPlatform.Contracts;
using AgentPlatform.Persistence;

namespace Services.Scheduler.Intake;

/// <summary>A delivery that has been acted on, with what came of it: a second copy finds it here.</summary>
internal sealed class HandledDeliveryRow : IOwnedRow
{
    public DeliveryId DeliveryId { get; set; }

    public long Attempt { get; set; }

    public DeliveryOutcome Outcome { get; set; }

    public string? Cause { get; set; }

    public DateTimeOffset HandledAt { get; set; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }
}
