using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Services.Gateway.People;

/// <summary>A team: what it owns, its members see.</summary>
internal sealed class TeamRow : IOwnedRow
{
    public required TeamId Id { get; init; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>The name in addresses, unique within the tenant.</summary>
    public required string Slug { get; init; }

    public required string Name { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public static void Describe(EntityTypeBuilder<TeamRow> team)
    {
        team.ToTable("teams");
        team.HasKey(row => row.Id);
        team.Property(row => row.Id).ValueGeneratedNever();
        team.Property(row => row.Slug).HasMaxLength(64);
        team.Property(row => row.Name).HasMaxLength(256);
        team.HasIndex(row => new { row.TenantId, row.Slug }).IsUnique();
    }
}

/// <summary>Who is in which team.</summary>
internal sealed class TeamMemberRow : IOwnedRow
{
    public required TeamId TeamId { get; init; }

    public required PersonId PersonId { get; init; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public static void Describe(EntityTypeBuilder<TeamMemberRow> member)
    {
        member.ToTable("team_members");
        member.HasKey(row => new { row.TeamId, row.PersonId });
        member.HasOne<TeamRow>().WithMany().HasForeignKey(row => row.TeamId).OnDelete(DeleteBehavior.Cascade);
        member.HasOne<PersonRow>().WithMany().HasForeignKey(row => row.PersonId).OnDelete(DeleteBehavior.Cascade);
    }
}
