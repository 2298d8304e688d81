using System.Security.Claims;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Reviews;
using AgentPlatform.Contracts.Sessions;
using AgentPlatform.ServiceDefaults.Identity;
using AgentPlatform.ServiceDefaults.Problems;
using AgentPlatform.Streams;
using Microsoft.AspNetCore.Http.HttpResults;
using Services.Sessions.Reviews;

namespace Services.Sessions.Events;

/// <summary><c>GET /api/v1/sessions/{id}/events</c>: what an agent did, as it does it.</summary>
internal static class SessionEventEndpoints
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    public static void MapSessionEvents(this IEndpointRouteBuilder app) => app
        .MapGet("/api/v1/sessions/{id}/events", ReadAsync).WithName("GetSessionEvents").WithTags("Sessions").RequireScope(Scopes.SessionsRead);

    private static async Task<Results<Ok<SessionEventsPage>, ProblemHttpResult>> ReadAsync(
        SessionId id, ClaimsPrincipal user, ReviewStore reviews, SessionEventReader events, SessionNews news, TimeProvider time, CancellationToken cancellationToken,
        long after = 0, int limit = SessionLimits.EventsMax, int waitSeconds = 0)
    {
        if (after < 0 || limit is < 1 or > SessionLimits.EventsMax || waitSeconds is < 0 or > SessionLimits.WaitSecondsMax)
        {
            return Problem.Of(
                StatusCodes.Status400BadRequest, ProblemCodes.InvalidRequest,
                $"after is the number of an event, from 0; limit is 1 to {SessionLimits.EventsMax}, waitSeconds 0 to {SessionLimits.WaitSecondsMax}.");
        }

        var wake = new Signal(time);
        void Wake(SessionId changed)
        {
            if (changed == id)
            {
                wake.Raise();
            }
        }

        // Listening begins before looking, so that nothing comes in between unheard. What another replica writes is found by looking.
        news.Changed += Wake;
        try
        {
            var until = time.GetUtcNow() + TimeSpan.FromSeconds(waitSeconds);
            while (true)
            {
                if (await reviews.FindAsync(id, cancellationToken) is not { } session || session.TenantId.ToString() != user.FindFirstValue(ServiceClaimTypes.Tenant))
                {
                    return Problem.Of(StatusCodes.Status404NotFound, ProblemCodes.NotFound, "There is no such session.");
                }

                var page = await events.PageAsync(id, after, limit, cancellationToken);
                var end = session.State != ReviewState.Running && page.Count < limit;
                var left = until - time.GetUtcNow();
                if (page.Count > 0 || end || left <= TimeSpan.Zero)
                {
                    return TypedResults.Ok(new SessionEventsPage(page, page.Count > 0 ? page[^1].Sequence : after, end));
                }

                await wake.WaitAsync(left < LookAgain ? left : LookAgain, cancellationToken);
            }
        }
        finally
        {
            news.Changed -= Wake;
        }
    }
}
