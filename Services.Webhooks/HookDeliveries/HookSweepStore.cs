using AgentPlatform.Contracts;
using Microsoft.EntityFrameworkCore;
using Services.Webhooks.Storage;

namespace Services.Webhooks.HookDeliveries;

/// <summary>Keeps how far the sweep has come, and lets one replica at a time do it.</summary>
internal sealed class HookSweepStore(IServiceScopeFactory scopes)
{
    /// <summary>How long a sweep stays with a replica that gives no sign of life.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);

    /// <summary>Takes the sweep for this replica; null if another has it.</summary>
    public async Task<HookSweepRow?> TakeAsync(string app, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<WebhooksDbContext>();
        var owner = Ownership.Of(ServiceNames.Webhooks);
        var taken = await context.HookSweeps
            .FromSql($"""
                INSERT INTO webhooks.hook_sweeps AS s (app, lease_until, tenant_id, created_by)
                VALUES ({app}, now() + {Lease}, {owner.TenantId.Value}, {owner.CreatedBy})
                ON CONFLICT (app) DO UPDATE SET lease_until = excluded.lease_until WHERE s.lease_until < now()
                RETURNING s.*
                """)
            .AsNoTracking()
            .ToListAsync(cancellationToken);
        return taken.SingleOrDefault();
    }

    /// <summary>Writes down how far it has come, and keeps the sweep or gives it back.</summary>
    public async Task SaveAsync(HookSweepRow sweep, bool release, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<WebhooksDbContext>();
        var lease = release ? TimeSpan.Zero : Lease;
        await context.Database.ExecuteSqlAsync(
            $"""
            UPDATE webhooks.hook_sweeps
            SET seen_at = {sweep.SeenAt}, sweep_top_at = {sweep.SweepTopAt}, cursor = {sweep.Cursor}, etag = {sweep.Etag}, lease_until = now() + {lease}
            WHERE app = {sweep.App}
            """,
            cancellationToken);
    }

    /// <summary>Keeps the sweep for another while.</summary>
    public async Task KeepAsync(HookSweepRow sweep, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<WebhooksDbContext>();
        await context.Database.ExecuteSqlAsync($"UPDATE webhooks.hook_sweeps SET lease_until = now() + {Lease} WHERE app = {sweep.App}", cancellationToken);
    }

    /// <summary>Which of the GUIDs are stored, whatever became of them.</summary>
    public async Task<HashSet<Guid>> KnownAsync(IEnumerable<Guid> guids, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<WebhooksDbContext>();
        return await context.Deliveries.Where(delivery => guids.Contains(delivery.DeliveryGuid)).Select(delivery => delivery.DeliveryGuid).ToHashSetAsync(cancellationToken);
    }
}
