using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Services.Scheduler.Runs;

/// <summary>A run: one attempt at one workflow for one subject of a repository, at one commit.</summary>
internal sealed class RunRow : IOwnedRow
{
    public required RunId Id { get; init; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>The forge instance's host name. With <see cref="RepositoryId"/> it is the repository; its name may change.</summary>
    public required string Forge { get; init; }

    public required long RepositoryId { get; init; }

    /// <summary><c>pr/12</c>, <c>merge-group/…</c>, <c>branch/main</c>, <c>task/…</c> or <c>schedule/…</c>; never null.</summary>
    public required string Subject { get; init; }

    public required string HeadSha { get; init; }

    public required string Workflow { get; init; }

    /// <summary>What people see, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>The fence: raised by every lease, named by every host command, event and report.</summary>
    public long Generation { get; set; }

    public required RunKind Kind { get; init; }

    public RunPhase Phase { get; set; }

    public RunConclusion? Conclusion { get; set; }

    public ReportState Report { get; set; }

    /// <summary>0 is the most urgent of the three priorities.</summary>
    public short Priority { get; set; }

    /// <summary>The trace that the trigger began.</summary>
    public string? Traceparent { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    public DateTimeOffset? ConcludedAt { get; set; }

    /// <summary>Until when a worker holds the run, by Postgres' clock.</summary>
    public DateTimeOffset? LeasedUntil { get; set; }

    /// <summary>Raised by every change; a change names the version that it was decided on.</summary>
    public long Version { get; set; }

    public static void Describe(EntityTypeBuilder<RunRow> run)
    {
        run.ToTable("runs");
        run.HasKey(row => row.Id);
        run.Property(row => row.Id).ValueGeneratedNever();
        run.Property(row => row.Forge).HasMaxLength(253);
        run.Property(row => row.Subject).HasMaxLength(512);
        run.Property(row => row.HeadSha).HasMaxLength(64);
        run.Property(row => row.Workflow).HasMaxLength(128);
        run.Property(row => row.Traceparent).HasMaxLength(55);
        run.Property(row => row.Version).IsConcurrencyToken();
        run.HasIndex(row => new { row.Forge, row.RepositoryId, row.Subject, row.HeadSha, row.Workflow, row.Attempt }).IsUnique().HasDatabaseName("ux_runs_identity");
        run.HasIndex(row => new { row.TenantId, row.CreatedAt, row.Id }).IsDescending(false, true, true).HasDatabaseName("ix_runs_newest");
        run.HasIndex(row => new { row.Phase, row.Priority, row.CreatedAt }).HasFilter("phase <> 'concluded'").HasDatabaseName("ix_runs_live");
    }
}
