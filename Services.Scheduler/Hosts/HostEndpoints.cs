using System.Security.Claims;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Services.Scheduler.Api;
using Services.Scheduler.Runs;

namespace Services.Scheduler.Hosts;

/// <summary>Where hosts enrol, and <c>/api/v1/hosts</c>: which there are.</summary>
internal static class HostEndpoints
{
    public static void MapHosts(this IEndpointRouteBuilder routes)
    {
        routes.MapPut("/internal/hosts/{id}", EnrolAsync).RequireScope(Scopes.HostsEnrol).WithTags("Hosts");
        var hosts = routes.MapGroup("/api/v1/hosts").WithTags("Hosts").RequireScope(Scopes.HostsRead);
        hosts.MapGet("/", ListAsync).WithName("ListHosts");
        hosts.MapGet("/{id}", FindAsync).WithName("GetHost");
    }

    private static async Task<Results<Ok<Page<HostSummary>>, ProblemHttpResult>> ListAsync(
        ClaimsPrincipal user, HostQueries hosts, CancellationToken cancellationToken, string? cursor = null, int limit = PageLimits.Default)
    {
        if (limit is < 1 or > PageLimits.Max)
        {
            return RunEndpoints.Invalid($"limit is 1 to {PageLimits.Max}.");
        }

        PageCursor after = default;
        return cursor is not null && !PageCursor.TryParse(cursor, out after)
            ? Problem.Of(StatusCodes.Status400BadRequest, ProblemCodes.InvalidCursor, "cursor is not one that was given out here.")
            : TypedResults.Ok(await hosts.ListAsync(user.Tenant(), cursor is null ? null : after, limit, cancellationToken));
    }

    private static async Task<Results<Ok<HostDetail>, ProblemHttpResult>> FindAsync(
        HostId id, ClaimsPrincipal user, HostQueries hosts, CancellationToken cancellationToken) =>
        await hosts.FindAsync(user.Tenant(), id, cancellationToken) is { } host
            ? TypedResults.Ok(host)
            : Problem.Of(StatusCodes.Status404NotFound, ProblemCodes.NotFound, "There is no such host.");

    internal static async Task<Results<Ok<HostEnrolmentReply>, ProblemHttpResult>> EnrolAsync(
        HostId id, HostEnrolment enrolment, HostRegistry hosts, RunSignals signals, ClaimsPrincipal caller, CancellationToken cancellationToken)
    {
        if (!enrolment.Url.IsAbsoluteUri || enrolment.Url.Scheme is not ("http" or "https"))
        {
            return Problem.Of(400, ProblemCodes.InvalidRequest, "url is an absolute http or https address.");
        }

        await hosts.EnrolAsync(id, enrolment, caller.Identity?.Name ?? "service:wsl2host", cancellationToken);
        signals.Admission.Raise();
        return TypedResults.Ok(new HostEnrolmentReply((int)HostRegistry.RenewAfter.TotalSeconds));
    }
}
