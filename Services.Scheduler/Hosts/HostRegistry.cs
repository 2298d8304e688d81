using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Microsoft.EntityFrameworkCore;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Hosts;

/// <summary>The machines that enrolled, and which of them takes a run. A host that has been silent too long is not asked.</summary>
internal sealed class HostRegistry(IServiceScopeFactory scopes, TimeProvider time)
{
    /// <summary>How often a host says that it is there.</summary>
    public static readonly TimeSpan RenewAfter = TimeSpan.FromSeconds(5);

    /// <summary>A host silent for that long gets no new instance.</summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(20);

    /// <summary>Takes up a host, or what it says anew.</summary>
    public async Task EnrolAsync(HostId id, HostEnrolment enrolment, string createdBy, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var now = time.GetUtcNow();
        var host = await db.Hosts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
        if (host is null)
        {
            host = new HostRow
            {
                Id = id,
                Name = string.Empty,
                Url = string.Empty,
                Labels = "{}",
                Version = string.Empty,
                EnrolledAt = now,
                TenantId = Ownership.DefaultTenant,
                CreatedBy = createdBy,
            };
            db.Hosts.Add(host);

            // A machine whose state was wiped enrols under a new id; its old self must not keep the name.
            await db.Hosts.Where(row => row.Name == enrolment.Status.Name).ExecuteUpdateAsync(
                row => row.SetProperty(old => old.Name, old => old.Name + " (until " + now.ToString("u") + ")"), cancellationToken);
        }

        (host.Name, host.Url, host.Version, host.LastSeenAt) = (enrolment.Status.Name, enrolment.Url.AbsoluteUri, enrolment.Status.Version, now);
        (host.Capacity, host.InUse) = (enrolment.Status.Fingerprint.Ready ? enrolment.Status.Capacity.InstancesMax : 0, enrolment.Status.Load.Instances);
        host.Labels = JsonSerializer.Serialize(enrolment.Status.Labels, HostsRegistryJsonContext.Default.IReadOnlyDictionaryStringString);
        await db.SaveChangesAsync(cancellationToken);
    }

    public async Task<HostRow?> FindAsync(HostId id, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        return await db.Hosts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
    }

    /// <summary>Hosts that may take another instance, the emptiest first. What is under way counts by Postgres, not by the host's last word.</summary>
    public async Task<IReadOnlyList<HostRow>> RoomyAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        return await db.Hosts.FromSqlInterpolated(
            $"""
            SELECT h.* FROM scheduler.hosts h
            CROSS JOIN LATERAL (
                SELECT count(*) AS runs FROM scheduler.runs r
                WHERE r.host = h.id AND r.phase IN ('admitted', 'provisioning', 'fetching', 'running')) busy
            WHERE h.last_seen_at > now() - {SilenceMax} AND busy.runs < h.capacity
            ORDER BY busy.runs::float8 / h.capacity, h.name
            """).AsNoTracking().ToListAsync(cancellationToken);
    }
}
