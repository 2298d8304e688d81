using AgentPlatform.Contracts;
using Microsoft.EntityFrameworkCore;
using Services.Webhooks.Storage;

namespace Services.Webhooks.Deliveries;

/// <summary>Which deliveries are asked for.</summary>
/// <param name="State">Where they stand.</param>
/// <param name="Event">The event's name.</param>
/// <param name="Repository">The repository's name, <c>owner/name</c>.</param>
/// <param name="PullRequest">The pull request's number.</param>
/// <param name="DeliveryGuid">GitHub's GUID.</param>
internal sealed record DeliveryFilter(DeliveryState? State, string? Event, string? Repository, long? PullRequest, Guid? DeliveryGuid);

/// <summary>Reads stored deliveries of one tenant, never with their payload.</summary>
internal sealed class DeliveryQueries(WebhooksDbContext context)
{
    /// <summary>A page, newest first.</summary>
    public async Task<Page<Delivery>> ListAsync(TenantId tenant, DeliveryFilter filter, PageCursor? after, int limit, CancellationToken cancellationToken)
    {
        // Ids are made in the order of time, so the key itself is the order of the list.
        var rows = after is { } cursor
            ? context.Deliveries.FromSql($"SELECT * FROM webhooks.deliveries WHERE id < {cursor.Id}")
            : context.Deliveries;
        rows = rows.Where(row => row.TenantId == tenant);
        rows = filter.State is { } state ? rows.Where(row => row.State == state) : rows;
        rows = filter.Event is { } name ? rows.Where(row => row.Event == name) : rows;
        rows = filter.Repository is { } repository ? rows.Where(row => row.Repository == repository) : rows;
        rows = filter.PullRequest is { } number ? rows.Where(row => row.PullRequest == number) : rows;
        rows = filter.DeliveryGuid is { } guid ? rows.Where(row => row.DeliveryGuid == guid) : rows;

        var items = await Describe(rows.OrderByDescending(row => row.Id).Take(limit + 1)).ToListAsync(cancellationToken);
        return Page.Cut(items, limit, delivery => new PageCursor(delivery.ReceivedAt, delivery.Id.Value));
    }

    /// <summary>One delivery, or null if the tenant has none of this id.</summary>
    public async Task<Delivery?> FindAsync(TenantId tenant, DeliveryId id, CancellationToken cancellationToken) =>
        await Describe(context.Deliveries.Where(row => row.TenantId == tenant && row.Id == id)).SingleOrDefaultAsync(cancellationToken);

    private static IQueryable<Delivery> Describe(IQueryable<DeliveryRow> rows) => rows.AsNoTracking().Select(row => new Delivery(
        row.Id, row.DeliveryGuid, row.Event, row.Action, row.State, row.Source, row.Attempt, row.ReceivedAt, row.SettledAt, row.Cause,
        row.InstallationId, row.RepositoryId, row.Repository, row.PullRequest, row.HeadSha, row.DuplicateOf, row.BodyLength, TraceIdOf(row.Traceparent)));

    internal static string? TraceIdOf(string? traceparent) => traceparent is { Length: 55 } ? traceparent.Substring(3, 32) : null;
}
