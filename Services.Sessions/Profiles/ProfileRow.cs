using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Services.Sessions.Profiles;

/// <summary>What sessions are started from: an agent and its settings, without secrets.</summary>
internal sealed class ProfileRow : IOwnedRow
{
    public required ProfileId Id { get; init; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>Unique within the tenant.</summary>
    public required string Name { get; set; }

    /// <summary>Which agent: the adapter's name, such as <c>claude</c>.</summary>
    public required string Agent { get; set; }

    /// <summary>JSON.</summary>
    public required string Settings { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    public static void Describe(EntityTypeBuilder<ProfileRow> profile)
    {
        profile.ToTable("profiles");
        profile.HasKey(row => row.Id);
        profile.Property(row => row.Id).ValueGeneratedNever();
        profile.Property(row => row.Name).HasMaxLength(128);
        profile.Property(row => row.Agent).HasMaxLength(64);
        profile.Property(row => row.Settings).HasColumnType("jsonb");
        profile.HasIndex(row => new { row.TenantId, row.Name }).IsUnique();
    }
}
