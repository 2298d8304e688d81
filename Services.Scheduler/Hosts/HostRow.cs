using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Services.Scheduler.Hosts;

/// <summary>A machine that enrolled: how to reach it and what it offers. The truth about its instances lives on it.</summary>
internal sealed class HostRow : IOwnedRow
{
    public required HostId Id { get; init; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>Unique within the tenant.</summary>
    public required string Name { get; init; }

    /// <summary>Where the scheduler reaches it; not a name for discovery.</summary>
    public required string AdvertisedUrl { get; set; }

    public required string[] Labels { get; set; }

    public required int InstancesMax { get; set; }

    /// <summary>What is wanted of it: nothing new is placed on a draining host.</summary>
    public HostMode DesiredMode { get; set; }

    public required DateTimeOffset EnrolledAt { get; init; }

    public required DateTimeOffset LastSeenAt { get; set; }

    public static void Describe(EntityTypeBuilder<HostRow> host)
    {
        host.ToTable("hosts");
        host.HasKey(row => row.Id);
        host.Property(row => row.Id).ValueGeneratedNever();
        host.Property(row => row.Name).HasMaxLength(128);
        host.Property(row => row.AdvertisedUrl).HasMaxLength(2048);
        host.HasIndex(row => new { row.TenantId, row.Name }).IsUnique();
    }
}

/// <summary>What is wanted of a host.</summary>
internal enum HostMode
{
    Active,
    Draining,
}
