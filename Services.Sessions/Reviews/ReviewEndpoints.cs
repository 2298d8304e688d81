using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.Contracts.Reviews;
using AgentPlatform.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Services.Sessions.Reviews;

/// <summary>The internal review API, for Scheduler.</summary>
internal static class ReviewEndpoints
{
    private const int WaitSecondsMax = 30;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    public static void MapReviews(this IEndpointRouteBuilder routes)
    {
        var reviews = routes.MapGroup(ReviewRoutes.Reviews).RequireScope(Scopes.SessionsWrite).WithTags("Reviews");
        reviews.MapPost("/", StartAsync);
        reviews.MapGet("/{id}", GetAsync);
        reviews.MapDelete("/{id}", StopAsync);
    }

    internal static async Task<Results<Accepted<Review>, ProblemHttpResult>> StartAsync(
        StartReviewRequest request, ReviewStore reviews, CancellationToken cancellationToken)
    {
        if (request.Agent.Kind != ReviewAgents.ClaudeCode)
        {
            return Problem.Of(400, ProblemCodes.InvalidRequest, $"agent.kind is {ReviewAgents.ClaudeCode}; other agents hold no reviews yet.");
        }

        if (!request.Host.IsAbsoluteUri || request.Agent.TurnsMax is < 1 or > 500 || request.Agent.TimeoutSeconds is < 1 or > 86_400 || request.Change.ChangedFiles.Count > HostLimits.ChangedFilesMax)
        {
            return Problem.Of(400, ProblemCodes.InvalidRequest, "host is absolute, turnsMax 1 to 500, timeoutSeconds 1 to 86400, changedFiles at most 3000.");
        }

        return await reviews.StartAsync(request, cancellationToken) is { } row
            ? TypedResults.Accepted(ReviewRoutes.Review(row.Id), await reviews.ViewAsync(row, cancellationToken))
            : Problem.Of(409, HostProblemCodes.StaleGeneration, "A newer generation of the run was seen.");
    }

    internal static async Task<Results<Ok<Review>, ProblemHttpResult>> GetAsync(
        SessionId id, int? wait, ReviewStore reviews, ReviewSignals signals, TimeProvider time, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + TimeSpan.FromSeconds(Math.Clamp(wait ?? 0, 0, WaitSecondsMax));
        while (true)
        {
            // Looking on after each signal and each second: the review may end in another replica.
            var row = await reviews.FindAsync(id, cancellationToken);
            if (row is null)
            {
                return Problem.Of(404, ProblemCodes.NotFound, "There is no such review.");
            }

            var left = until - time.GetUtcNow();
            if (row.State != ReviewState.Running || left <= TimeSpan.Zero)
            {
                return TypedResults.Ok(await reviews.ViewAsync(row, cancellationToken));
            }

            await signals.WaitAsync(id, left < LookAgain ? left : LookAgain, cancellationToken);
        }
    }

    internal static async Task<Results<Ok<Review>, ProblemHttpResult>> StopAsync(
        SessionId id, ReviewStore reviews, ReviewSignals signals, TimeProvider time, CancellationToken cancellationToken)
    {
        await reviews.RequestStopAsync(id, cancellationToken);
        return await GetAsync(id, WaitSecondsMax / 2, reviews, signals, time, cancellationToken);
    }
}

/// <summary>The agents that hold reviews.</summary>
internal static class ReviewAgents
{
    public const string ClaudeCode = "claude-code";
}
