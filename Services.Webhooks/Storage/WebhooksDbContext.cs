using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Services.Webhooks.HookDeliveries;

namespace Services.Webhooks.Storage;

/// <summary>Schema <c>webhooks</c>.</summary>
internal sealed class WebhooksDbContext(DbContextOptions<WebhooksDbContext> options) : ServiceDbContext(options, ServiceNames.Webhooks)
{
    public DbSet<DeliveryRow> Deliveries => Set<DeliveryRow>();

    public DbSet<HookSweepRow> HookSweeps => Set<HookSweepRow>();

    protected override void DescribeTables(ModelBuilder model)
    {
        model.Entity<DeliveryRow>(DeliveryRow.Describe);
        model.Entity<HookSweepRow>(HookSweepRow.Describe);
    }
}
