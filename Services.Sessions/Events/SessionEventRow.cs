using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Services.Sessions.Events;

/// <summary>A numbered event of a session. Numbers follow from the agent's output alone, so a log that is built again is the same log.</summary>
internal sealed class SessionEventRow : IOwnedRow
{
    public required SessionId SessionId { get; init; }

    public required long Sequence { get; init; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }

    public required string Kind { get; init; }

    /// <summary>jsonb, redacted.</summary>
    public required string Data { get; init; }

    public required DateTimeOffset Time { get; init; }

    public static void Describe(EntityTypeBuilder<SessionEventRow> happened)
    {
        happened.ToTable("session_events");
        happened.HasKey(row => new { row.SessionId, row.Sequence });
        happened.Property(row => row.Kind).HasMaxLength(64);
        happened.Property(row => row.Data).HasColumnType("jsonb");
    }
}
