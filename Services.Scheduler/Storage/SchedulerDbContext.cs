using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Services.Scheduler.Api;
using Services.Scheduler.Findings;
using Services.Scheduler.Hosts;
using Services.Scheduler.Intake;
using Services.Scheduler.Outbox;
using Services.Scheduler.Runs;
using Services.Scheduler.Steps;
using Services.Scheduler.Traces;

namespace Services.Scheduler.Storage;

/// <summary>Schema <c>scheduler</c>. Queries go through it; the hot path (admission, transitions, leases) is plain SQL in <see cref="RunStore"/>.</summary>
internal sealed class SchedulerDbContext(DbContextOptions<SchedulerDbContext> options) : ServiceDbContext(options, ServiceNames.Scheduler)
{
    public DbSet<RunRow> Runs => Set<RunRow>();

    public DbSet<RunEventRow> RunEvents => Set<RunEventRow>();

    public DbSet<StepRow> Steps => Set<StepRow>();

    public DbSet<FindingRow> Findings => Set<FindingRow>();

    public DbSet<HostRow> Hosts => Set<HostRow>();

    public DbSet<HandledDeliveryRow> HandledDeliveries => Set<HandledDeliveryRow>();

    public DbSet<OutboxRow> Outbox => Set<OutboxRow>();

    public DbSet<SpanRow> Spans => Set<SpanRow>();

    public DbSet<IdempotencyKeyRow> IdempotencyKeys => Set<IdempotencyKeyRow>();

    protected override void DescribeTables(ModelBuilder model)
    {
        model.Entity<RunRow>(run =>
        {
            run.ToTable("runs");
            run.Property(row => row.Id).ValueGeneratedNever();
            run.Property(row => row.Forge).HasMaxLength(253);
            run.Property(row => row.Subject).HasMaxLength(512);
            run.Property(row => row.HeadSha).HasMaxLength(64);
            run.Property(row => row.Workflow).HasMaxLength(64);
            run.HasIndex(row => new { row.Forge, row.RepositoryId, row.Subject, row.HeadSha, row.Workflow, row.Attempt }).IsUnique();
            run.HasIndex(row => new { row.Phase, row.Priority, row.QueuedAt }).HasFilter("phase <> 'concluded'").HasDatabaseName("ix_runs_open");
            run.HasIndex(row => new { row.QueuedAt, row.Id }).IsDescending();
            run.HasIndex(row => new { row.Repository, row.QueuedAt, row.Id }).HasDatabaseName("ix_runs_repository");
            run.HasIndex(row => new { row.ReportNotBefore, row.Id }).HasFilter("report <> 'settled'").HasDatabaseName("ix_runs_unreported");
            run.Property(row => row.Version).IsConcurrencyToken();
            run.Property(row => row.Definition).HasColumnType("jsonb");
        });
        model.Entity<RunEventRow>(row =>
        {
            row.ToTable("run_events").HasKey(item => new { item.RunId, item.Sequence });
            row.Property(item => item.Data).HasColumnType("jsonb");
        });
        model.Entity<StepRow>(row =>
        {
            row.ToTable("steps");
            row.Property(item => item.Id).ValueGeneratedNever();
            row.HasIndex(item => new { item.RunId, item.Index }).IsUnique();
        });
        model.Entity<FindingRow>(row =>
        {
            row.ToTable("findings");
            row.Property(item => item.Id).ValueGeneratedNever();
            row.HasIndex(item => new { item.RunId, item.StepId });
        });
        model.Entity<HostRow>(row =>
        {
            row.ToTable("hosts");
            row.Property(item => item.Id).ValueGeneratedNever();
            row.HasIndex(item => item.Name).IsUnique();
            row.Property(item => item.Labels).HasColumnType("jsonb");
        });
        model.Entity<HandledDeliveryRow>(row => row.ToTable("handled_deliveries").HasKey(item => item.DeliveryId));
        model.Entity<OutboxRow>(row =>
        {
            row.ToTable("outbox");
            row.Property(item => item.Id).UseIdentityAlwaysColumn();
            row.Property(item => item.Data).HasColumnType("jsonb");
        });
        model.Entity<SpanRow>(row =>
        {
            row.ToTable("spans").HasKey(item => new { item.RunId, item.TraceId, item.SpanId });
            row.Property(item => item.Attributes).HasColumnType("jsonb");
            row.HasIndex(item => item.RunId).HasFilter("ended_at IS NULL").HasDatabaseName("ix_spans_open");
        });
        model.Entity<IdempotencyKeyRow>(row =>
        {
            row.ToTable("idempotency_keys").HasKey(item => new { item.TenantId, item.CreatedBy, item.Key });
            row.Property(item => item.Key).HasMaxLength(RunLimits.IdempotencyKeyLengthMax);
            row.HasIndex(item => item.CreatedAt);
        });
    }
}
