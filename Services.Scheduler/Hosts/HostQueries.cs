using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.ServiceDefaults.HostCalls;
using Microsoft.EntityFrameworkCore;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Hosts;

/// <summary>Reads the hosts of one tenant for people.</summary>
internal sealed class HostQueries(SchedulerDbContext db, HostClients clients, TimeProvider time)
{
    /// <summary>How long a host may take to tell its status.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(3);

    /// <summary>A page, the newest enrolled first.</summary>
    public async Task<Page<HostSummary>> ListAsync(TenantId tenant, PageCursor? after, int limit, CancellationToken cancellationToken)
    {
        var rows = after is { } cursor
            ? db.Hosts.FromSql($"SELECT * FROM scheduler.hosts WHERE (enrolled_at, id) < ({cursor.At}, {cursor.Id})")
            : db.Hosts;
        var items = await rows.AsNoTracking().Where(row => row.TenantId == tenant)
            .OrderByDescending(row => row.EnrolledAt).ThenByDescending(row => row.Id).Take(limit + 1).ToListAsync(cancellationToken);
        return Page.Cut(items.ConvertAll(ToSummary), limit, host => new PageCursor(host.EnrolledAt, host.Id.Value));
    }

    /// <summary>One host with its own word, or null if the tenant has none of this id.</summary>
    public async Task<HostDetail?> FindAsync(TenantId tenant, HostId id, CancellationToken cancellationToken) =>
        await db.Hosts.AsNoTracking().SingleOrDefaultAsync(row => row.TenantId == tenant && row.Id == id, cancellationToken) is { } host
            ? new HostDetail(ToSummary(host), await AskAsync(host, cancellationToken))
            : null;

    private async Task<HostStatus?> AskAsync(HostRow host, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(AnswerMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await clients.For(new Uri(host.Url)).GetStatusAsync(either.Token);
        }
        catch (HostCallException)
        {
            return null;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private HostSummary ToSummary(HostRow host) => new(
        host.Id, host.Name, new Uri(host.Url), JsonSerializer.Deserialize(host.Labels, HostsRegistryJsonContext.Default.IReadOnlyDictionaryStringString)!,
        host.Version, StateOf(host), host.Capacity, host.InUse, host.EnrolledAt, host.LastSeenAt);

    private HostState StateOf(HostRow host) => time.GetUtcNow() - host.LastSeenAt > HostRegistry.SilenceMax
        ? HostState.Silent
        : host.Capacity > 0 ? HostState.Ready : HostState.NotReady;
}
