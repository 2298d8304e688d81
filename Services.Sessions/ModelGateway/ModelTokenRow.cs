using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Services.Sessions.ModelGateway;

/// <summary>A token that opens the model gateway for one session. Only its hash is kept.</summary>
internal sealed class ModelTokenRow : IOwnedRow
{
    /// <summary>SHA-256 of the token.</summary>
    public required byte[] Hash { get; init; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }

    public required SessionId SessionId { get; init; }

    public required RunId RunId { get; init; }

    public required DateTimeOffset ExpiresAt { get; set; }

    public static void Describe(EntityTypeBuilder<ModelTokenRow> token)
    {
        token.ToTable("model_tokens");
        token.HasKey(row => row.Hash);
        token.HasIndex(row => row.SessionId);
    }
}
