using System.Diagnostics;
using System.Security.Claims;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Services.Scheduler.Runs;

namespace Services.Scheduler.Api;

/// <summary><c>/api/v1/runs</c>: what runs there are, and what may be asked of one.</summary>
internal static class RunEndpoints
{
    private const int DefaultHours = 24;

    public static void MapRuns(this IEndpointRouteBuilder app)
    {
        var runs = app.MapGroup("/api/v1/runs").WithTags("Runs");
        runs.MapGet("/", ListAsync).WithName("ListRuns").RequireScope(Scopes.RunsRead);
        runs.MapGet("/statistics", StatisticsAsync).WithName("GetRunStatistics").RequireScope(Scopes.RunsRead);
        runs.MapGet("/{id}", FindAsync).WithName("GetRun").RequireScope(Scopes.RunsRead);
        runs.MapPost("/{id}/cancel", CancelAsync).WithName("CancelRun").RequireScope(Scopes.RunsWrite);
        runs.MapPost("/{id}/approve", ApproveAsync).WithName("ApproveRun").RequireScope(Scopes.RunsWrite);
        runs.MapPost("/{id}/rerun", RerunAsync).WithName("RerunRun").RequireScope(Scopes.RunsWrite);
    }

    internal static ProblemHttpResult NotFound() => Problem.Of(StatusCodes.Status404NotFound, ProblemCodes.NotFound, "There is no such run.");

    internal static ProblemHttpResult Invalid(string detail) => Problem.Of(StatusCodes.Status400BadRequest, ProblemCodes.InvalidRequest, detail);

    private static async Task<Results<Ok<Page<RunSummary>>, ProblemHttpResult>> ListAsync(
        ClaimsPrincipal user, RunQueries queries, CancellationToken cancellationToken,
        string? repository = null, int? pullRequest = null, string? phase = null, string? conclusion = null, string? workflow = null,
        string? cursor = null, int limit = PageLimits.Default)
    {
        if (limit is < 1 or > PageLimits.Max)
        {
            return Invalid($"limit is 1 to {PageLimits.Max}.");
        }

        PageCursor after = default;
        if (cursor is not null && !PageCursor.TryParse(cursor, out after))
        {
            return Problem.Of(StatusCodes.Status400BadRequest, ProblemCodes.InvalidCursor, "cursor is not one that was given out here.");
        }

        if (!QueryValues.TryRead<RunPhase>(phase, out var wantedPhase, out var phases))
        {
            return Invalid($"phase is one of {phases}.");
        }

        if (!QueryValues.TryRead<RunConclusion>(conclusion, out var wantedConclusion, out var conclusions))
        {
            return Invalid($"conclusion is one of {conclusions}.");
        }

        var filter = new RunFilter(repository, pullRequest, wantedPhase, wantedConclusion, workflow);
        return TypedResults.Ok(await queries.ListAsync(user.Tenant(), filter, cursor is null ? null : after, limit, cancellationToken));
    }

    private static async Task<Results<Ok<RunStatistics>, ProblemHttpResult>> StatisticsAsync(
        ClaimsPrincipal user, RunQueries queries, CancellationToken cancellationToken, string? repository = null, int hours = DefaultHours) =>
        hours is < 1 or > RunLimits.StatisticsHoursMax
            ? Invalid($"hours is 1 to {RunLimits.StatisticsHoursMax}.")
            : TypedResults.Ok(await queries.StatisticsAsync(user.Tenant(), repository, TimeSpan.FromHours(hours), cancellationToken));

    private static async Task<Results<Ok<RunDetail>, ProblemHttpResult>> FindAsync(
        RunId id, ClaimsPrincipal user, RunQueries queries, CancellationToken cancellationToken) =>
        await queries.FindAsync(user.Tenant(), id, cancellationToken) is { } run
            ? TypedResults.Ok(await queries.DescribeAsync(run, cancellationToken))
            : NotFound();

    /// <summary>Asks for the end; a worker that holds the run ends it within moments. Asking again changes nothing.</summary>
    private static Task<Results<Accepted<RunSummary>, ProblemHttpResult>> CancelAsync(
        RunId id, ClaimsPrincipal user, RunQueries queries, RunStore store, CancellationToken cancellationToken) =>
        ApplyAsync(id, user, queries, store, new RunCommand.End(RunConclusion.Cancelled, $"cancelled by {user.Subject()}"), cancellationToken);

    private static Task<Results<Accepted<RunSummary>, ProblemHttpResult>> ApproveAsync(
        RunId id, ClaimsPrincipal user, RunQueries queries, RunStore store, CancellationToken cancellationToken) =>
        ApplyAsync(id, user, queries, store, new RunCommand.Approve(user.Subject()), cancellationToken);

    private static async Task<Results<Accepted<RunSummary>, ProblemHttpResult>> ApplyAsync(
        RunId id, ClaimsPrincipal user, RunQueries queries, RunStore store, RunCommand command, CancellationToken cancellationToken)
    {
        if (await queries.FindAsync(user.Tenant(), id, cancellationToken) is null)
        {
            return NotFound();
        }

        var outcome = await store.ApplyAsync(id, command, cancellationToken);
        if (outcome.Run is not { } run)
        {
            return NotFound();
        }

        if (outcome.Transition is not RunTransition.Moved && run.Phase == RunPhase.Concluded)
        {
            return Problem.Of(StatusCodes.Status409Conflict, RunProblemCodes.RunConcluded, "The run is concluded.");
        }

        return outcome.Refusal is { } refusal
            ? Problem.Of(StatusCodes.Status409Conflict, ProblemCodes.Conflict, refusal)
            : TypedResults.Accepted($"/api/v1/runs/{run.Id}", run.ToSummary());
    }

    /// <summary>Another attempt at a concluded run.</summary>
    private static async Task<Results<Created<RunSummary>, ProblemHttpResult>> RerunAsync(
        RunId id, ClaimsPrincipal user, RunQueries queries, ReRuns reRuns, CancellationToken cancellationToken)
    {
        if (await queries.FindAsync(user.Tenant(), id, cancellationToken) is null)
        {
            return NotFound();
        }

        var again = await reRuns.AgainAsync(id, repositoryId: null, $"rerun by {user.Subject()}", Activity.Current?.Id, cancellationToken);
        return again.Made is { } made
            ? TypedResults.Created($"/api/v1/runs/{made.Id}", made.ToSummary())
            : Problem.Of(StatusCodes.Status409Conflict, RunProblemCodes.RunNotRepeatable, $"It cannot be repeated: {again.Refusal}.");
    }
}
