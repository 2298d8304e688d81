using System.Security.Claims;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity;
using AgentPlatform.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Services.Webhooks.Receiving;
using Services.Webhooks.Storage;

namespace Services.Webhooks.Deliveries;

/// <summary><c>/api/v1/deliveries</c>: what came in and what became of it, for operators.</summary>
internal static class DeliveryEndpoints
{
    public static void MapDeliveries(this IEndpointRouteBuilder app)
    {
        var deliveries = app.MapGroup("/api/v1/deliveries").WithTags("Deliveries");
        deliveries.MapGet("/", ListAsync).WithName("ListDeliveries").RequireScope(Scopes.DeliveriesRead);
        deliveries.MapGet("/{id}", FindAsync).WithName("GetDelivery").RequireScope(Scopes.DeliveriesRead);
        deliveries.MapGet("/{id}/payload", PayloadAsync).WithName("GetDeliveryPayload").RequireScope(Scopes.DeliveriesPayload);
        deliveries.MapPost("/{id}/replay", ReplayAsync).WithName("ReplayDelivery").RequireScope(Scopes.DeliveriesReplay);
    }

    private static async Task<Results<Ok<Page<Delivery>>, ProblemHttpResult>> ListAsync(
        ClaimsPrincipal user, DeliveryQueries queries, CancellationToken cancellationToken,
        string? state = null, string? @event = null, string? repository = null, long? pullRequest = null, Guid? guid = null, string? cursor = null, int limit = PageLimits.Default)
    {
        if (limit is < 1 or > PageLimits.Max)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, ProblemCodes.InvalidRequest, $"limit is 1 to {PageLimits.Max}.");
        }

        PageCursor after = default;
        if (cursor is not null && !PageCursor.TryParse(cursor, out after))
        {
            return Problem.Of(StatusCodes.Status400BadRequest, ProblemCodes.InvalidCursor, "cursor is not one that was given out here.");
        }

        DeliveryState? wanted = null;
        if (state is not null)
        {
            if (!Enum.TryParse<DeliveryState>(state, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed) || char.IsAsciiDigit(state[0]))
            {
                return Problem.Of(StatusCodes.Status400BadRequest, ProblemCodes.InvalidRequest, "state is pending, handled, ignored, failed or duplicate.");
            }

            wanted = parsed;
        }

        var filter = new DeliveryFilter(wanted, @event, repository, pullRequest, guid);
        return TypedResults.Ok(await queries.ListAsync(TenantOf(user), filter, cursor is null ? null : after, limit, cancellationToken));
    }

    private static async Task<Results<Ok<Delivery>, ProblemHttpResult>> FindAsync(
        DeliveryId id, ClaimsPrincipal user, DeliveryQueries queries, CancellationToken cancellationToken) =>
        await queries.FindAsync(TenantOf(user), id, cancellationToken) is { } delivery ? TypedResults.Ok(delivery) : NotFound();

    /// <summary>The body exactly as it was sent, under the content type it had.</summary>
    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> PayloadAsync(
        DeliveryId id, ClaimsPrincipal user, WebhooksDbContext context, HttpResponse response, CancellationToken cancellationToken)
    {
        var tenant = TenantOf(user);
        var row = await context.Deliveries.AsNoTracking().SingleOrDefaultAsync(row => row.TenantId == tenant && row.Id == id, cancellationToken);
        if (row is null)
        {
            return NotFound();
        }

        // What somebody else wrote is never to be shown as a page of ours.
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "sandbox";
        response.Headers.CacheControl = "no-store";
        return TypedResults.File(
            DeliveryBody.Inflate(row.Body, row.BodyLength), row.Format == PayloadFormat.Json ? "application/json" : "application/x-www-form-urlencoded", $"{id}.payload");
    }

    private static async Task<Results<Accepted<Delivery>, ProblemHttpResult>> ReplayAsync(
        DeliveryId id, ClaimsPrincipal user, DeliveryReplay replay, DeliveryQueries queries, CancellationToken cancellationToken)
    {
        var tenant = TenantOf(user);
        var replayed = await replay.ReplayAsync(tenant, id, cancellationToken);
        if (await queries.FindAsync(tenant, id, cancellationToken) is not { } delivery)
        {
            return NotFound();
        }

        return replayed
            ? TypedResults.Accepted($"/api/v1/deliveries/{id}", delivery)
            : Problem.Of(StatusCodes.Status409Conflict, IntakeCodes.DeliveryPending, "The delivery is pending; it is published until Scheduler acknowledges it.");
    }

    private static TenantId TenantOf(ClaimsPrincipal user) =>
        TenantId.TryParse(user.FindFirstValue(ServiceClaimTypes.Tenant), null, out var tenant) ? tenant : default;

    private static ProblemHttpResult NotFound() => Problem.Of(StatusCodes.Status404NotFound, ProblemCodes.NotFound, "There is no such delivery.");
}
