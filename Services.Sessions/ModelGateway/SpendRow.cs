using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Services.Sessions.ModelGateway;

/// <summary>One call to a model: reserved before it is made, settled with what the provider counted.</summary>
internal sealed class SpendRow : IOwnedRow
{
    public long Id { get; init; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }

    public required SessionId SessionId { get; init; }

    public required RunId RunId { get; init; }

    public required string Provider { get; init; }

    public required string Model { get; init; }

    /// <summary>Tokens that the call may write at most; counts against the budget until the call is settled.</summary>
    public long ReservedTokens { get; set; }

    public long InputTokens { get; set; }

    public long OutputTokens { get; set; }

    public decimal? CostUsd { get; set; }

    public int? Status { get; set; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? SettledAt { get; set; }

    public static void Describe(EntityTypeBuilder<SpendRow> spend)
    {
        spend.ToTable("spend");
        spend.HasKey(row => row.Id);
        spend.Property(row => row.Id).UseIdentityAlwaysColumn();
        spend.Property(row => row.Provider).HasMaxLength(64);
        spend.Property(row => row.Model).HasMaxLength(200);
        spend.HasIndex(row => row.SessionId);
    }
}
