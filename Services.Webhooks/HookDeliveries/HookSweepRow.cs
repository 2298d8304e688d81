using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Services.Webhooks.HookDeliveries;

/// <summary>How far the sweep over a GitHub App's own list of deliveries has come, and which replica is at it.</summary>
internal sealed class HookSweepRow : IOwnedRow
{
    /// <summary>The App, as <c>{forge}/{app id}</c>.</summary>
    public required string App { get; init; }

    /// <summary>Everything that GitHub attempted up to this time has been seen; null before the first sweep.</summary>
    public DateTimeOffset? SeenAt { get; set; }

    /// <summary>While a sweep goes over many pages: the newest attempt it began with, which is the next <see cref="SeenAt"/>.</summary>
    public DateTimeOffset? SweepTopAt { get; set; }

    /// <summary>Where such a sweep goes on.</summary>
    public string? Cursor { get; set; }

    /// <summary>The newest page's ETag: while it holds, there is nothing new, and asking costs nothing.</summary>
    public string? Etag { get; set; }

    /// <summary>Until when, by the database's clock, one replica has the sweep to itself.</summary>
    public DateTimeOffset LeaseUntil { get; set; }

    public TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }

    internal static void Describe(EntityTypeBuilder<HookSweepRow> sweep)
    {
        sweep.ToTable("hook_sweeps");
        sweep.HasKey(row => row.App);
        sweep.Property(row => row.App).HasMaxLength(200);
        sweep.Property(row => row.Cursor).HasMaxLength(500);
        sweep.Property(row => row.Etag).HasMaxLength(200);
    }
}
