using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Services.Gateway.Audit;

/// <summary>Who did what, when, and whether it was allowed. Entries are added, never changed.</summary>
internal sealed class AuditRow : IOwnedRow
{
    public required AuditId Id { get; init; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    /// <summary>Who did it.</summary>
    public required string CreatedBy { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>Such as <c>api_key.revoked</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The id of what it was done to.</summary>
    public required string Target { get; init; }

    public required bool Allowed { get; init; }

    public static void Describe(EntityTypeBuilder<AuditRow> entry)
    {
        entry.ToTable("audit");
        entry.HasKey(row => row.Id);
        entry.Property(row => row.Id).ValueGeneratedNever();
        entry.Property(row => row.Action).HasMaxLength(64);
        entry.Property(row => row.Target).HasMaxLength(256);
        entry.HasIndex(row => new { row.TenantId, row.Time, row.Id }).IsDescending(false, true, true).HasDatabaseName("ix_audit_newest");
    }
}
