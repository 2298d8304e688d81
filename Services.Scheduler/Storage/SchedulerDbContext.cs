using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Services.Scheduler.Hosts;
using Services.Scheduler.Outbox;
using Services.Scheduler.Runs;

namespace Services.Scheduler.Storage;

/// <summary>Schema <c>scheduler</c>.</summary>
internal sealed class SchedulerDbContext(DbContextOptions<SchedulerDbContext> options) : ServiceDbContext(options, ServiceNames.Scheduler)
{
    public DbSet<RunRow> Runs => Set<RunRow>();

    public DbSet<RunEventRow> RunEvents => Set<RunEventRow>();

    public DbSet<OutboxRow> Outbox => Set<OutboxRow>();

    public DbSet<HostRow> Hosts => Set<HostRow>();

    protected override void DescribeTables(ModelBuilder model)
    {
        RunRow.Describe(model.Entity<RunRow>());
        RunEventRow.Describe(model.Entity<RunEventRow>());
        OutboxRow.Describe(model.Entity<OutboxRow>());
        HostRow.Describe(model.Entity<HostRow>());
    }
}
