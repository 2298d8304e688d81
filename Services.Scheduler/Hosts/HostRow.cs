using AgentPlatform.Contracts;
using AgentPlatform.Persistence;

namespace Services.Scheduler.Hosts;

/// <summary>A machine that runs instances.</summary>
internal sealed class HostRow : IOwnedRow
{
    public HostId Id { get; set; }

    public required string Name { get; set; }

    public required string Url { get; set; }

    public int Capacity { get; set; }

    public int InUse { get; set; }

    /// <summary>jsonb object of texts.</summary>
    public required string Labels { get; set; }

    public required string Version { get; set; }

    public DateTimeOffset EnrolledAt { get; set; }

    public DateTimeOffset LastSeenAt { get; set; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }
}
