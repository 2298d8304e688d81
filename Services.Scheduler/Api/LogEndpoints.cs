using System.Security.Claims;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.HostCalls;
using AgentPlatform.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Services.Scheduler.Api;

/// <summary><c>GET /api/v1/runs/{id}/log</c>.</summary>
internal static class LogEndpoints
{
    public static void MapLogs(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/v1/runs/{id}/log", ReadAsync).WithName("GetRunLog").WithTags("Runs").RequireScope(Scopes.RunsRead);

    private static async Task<Results<Ok<RunLog>, ProblemHttpResult>> ReadAsync(
        RunId id, ClaimsPrincipal user, RunQueries queries, RunLogs logs, CancellationToken cancellationToken,
        string? step = null, long offset = 0, int waitSeconds = 0)
    {
        if (offset < 0 || waitSeconds is < 0 or > RunLimits.WaitSecondsMax)
        {
            return RunEndpoints.Invalid($"offset is 0 or more, waitSeconds 0 to {RunLimits.WaitSecondsMax}.");
        }

        if (await queries.FindAsync(user.Tenant(), id, cancellationToken) is not { } run)
        {
            return RunEndpoints.NotFound();
        }

        if (RunLogs.Choose(await queries.StepsAsync(id, cancellationToken), step) is not { } chosen)
        {
            return Problem.Of(
                StatusCodes.Status404NotFound, RunProblemCodes.StepNotFound, step is null ? "No step of the run has begun." : "The run has no such step.");
        }

        try
        {
            return TypedResults.Ok(await logs.ReadAsync(run, chosen, offset, waitSeconds, cancellationToken));
        }
        catch (HostCallException)
        {
            return Problem.Of(StatusCodes.Status502BadGateway, RunProblemCodes.HostFailed, "The host that holds the output did not give it; it is stored when the step ends.");
        }
    }
}
