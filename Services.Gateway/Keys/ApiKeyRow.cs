using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Services.Gateway.People;

namespace Services.Gateway.Keys;

/// <summary>An API key. The key itself was shown once and is not kept.</summary>
internal sealed class ApiKeyRow : IOwnedRow
{
    public required ApiKeyId Id { get; init; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }

    public required PersonId PersonId { get; init; }

    public required string Name { get; set; }

    /// <summary>SHA-256 of the key, which is random and long enough to need no salt.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>What the key allows, see <see cref="AgentPlatform.Contracts.Scopes"/>.</summary>
    public required string[] Scopes { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>To the hour; a write for each use would cost more than it tells.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    public static void Describe(EntityTypeBuilder<ApiKeyRow> key)
    {
        key.ToTable("api_keys");
        key.HasKey(row => row.Id);
        key.Property(row => row.Id).ValueGeneratedNever();
        key.Property(row => row.Name).HasMaxLength(128);
        key.Property(row => row.Hash).HasMaxLength(32);
        key.HasOne<PersonRow>().WithMany().HasForeignKey(row => row.PersonId).OnDelete(DeleteBehavior.Cascade);
        key.HasIndex(row => row.Hash).IsUnique();
    }
}
