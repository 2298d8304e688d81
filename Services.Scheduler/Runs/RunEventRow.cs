using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Services.Scheduler.Runs;

/// <summary>An event of a run's history: an envelope, kept. Written with the change that it tells of.</summary>
internal sealed class RunEventRow : IOwnedRow
{
    public required RunId RunId { get; init; }

    /// <summary>From 1 without gaps within the run.</summary>
    public required long Sequence { get; init; }

    public required EnvelopeId Id { get; init; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }

    public required long Generation { get; init; }

    public required int SchemaVersion { get; init; }

    public required DateTimeOffset Time { get; init; }

    public string? Traceparent { get; init; }

    public required string Kind { get; init; }

    /// <summary>JSON.</summary>
    public required string Data { get; init; }

    public static void Describe(EntityTypeBuilder<RunEventRow> happened)
    {
        happened.ToTable("run_events");
        happened.HasKey(row => new { row.RunId, row.Sequence });
        happened.HasOne<RunRow>().WithMany().HasForeignKey(row => row.RunId).OnDelete(DeleteBehavior.Cascade);
        happened.Property(row => row.Kind).HasMaxLength(64);
        happened.Property(row => row.Traceparent).HasMaxLength(55);
        happened.Property(row => row.Data).HasColumnType("jsonb");
        happened.HasIndex(row => row.Id).IsUnique();
    }
}
