using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Services.Gateway.People;

/// <summary>A person with an account.</summary>
internal sealed class PersonRow : IOwnedRow
{
    public required PersonId Id { get; init; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>Unique within the tenant.</summary>
    public required string Login { get; init; }

    public required string DisplayName { get; set; }

    public required PersonRole Role { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From then on nothing is allowed; null while the account is live.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    public static void Describe(EntityTypeBuilder<PersonRow> person)
    {
        person.ToTable("people");
        person.HasKey(row => row.Id);
        person.Property(row => row.Id).ValueGeneratedNever();
        person.Property(row => row.Login).HasMaxLength(128);
        person.Property(row => row.DisplayName).HasMaxLength(256);
        person.HasIndex(row => new { row.TenantId, row.Login }).IsUnique();
    }
}

/// <summary>What a person may do; see <see cref="Roles"/> for the names in tokens.</summary>
internal enum PersonRole
{
    Viewer,
    Developer,
    Admin,
}
