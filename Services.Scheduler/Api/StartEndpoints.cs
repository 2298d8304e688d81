using System.Net.Mime;
using System.Security.Claims;
using System.Text.RegularExpressions;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Microsoft.AspNetCore.Http.HttpResults;
using Services.Scheduler.GitHub;

namespace Services.Scheduler.Api;

/// <summary><c>POST /api/v1/runs</c> and <c>POST /deploy/pr</c>: run a pull request's head because somebody asks for it.</summary>
internal static partial class StartEndpoints
{
    private const string DeployType = "pr_deployment";
    private const int BranchLengthMax = 255;

    public static void MapStarts(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/v1/runs", CreateAsync).WithName("CreateRun").WithTags("Runs").RequireScope(Scopes.RunsWrite).Accepts<CreateRunRequest>(MediaTypeNames.Application.Json);
        app.MapPost("/deploy/pr", DeployAsync).WithName("DeployPullRequest").WithTags("AgentAPI").RequireScope(Scopes.RunsWrite);
    }

    private static async Task<Results<Created<StartedRuns>, Ok<StartedRuns>, ProblemHttpResult>> CreateAsync(
        CreateRunRequest body, HttpRequest request, ClaimsPrincipal user, RunStarts starts, CancellationToken cancellationToken)
    {
        if (Check(body.Repository, body.PullRequest, request, out var key) is { } refusal)
        {
            return refusal;
        }

        var wish = new StartWish(body.Repository, body.PullRequest, Sha: null, Branch: null, "api", user.Ownership(), key);
        var start = await starts.StartAsync(wish, cancellationToken);
        if (start.Problem is { } problem)
        {
            return problem;
        }

        var answer = new StartedRuns(start.Runs[0].Id, [.. start.Runs.Select(RunViewing.ToSummary)]);
        return start.Made ? TypedResults.Created($"/api/v1/runs/{answer.Id}", answer) : TypedResults.Ok(answer);
    }

    private static async Task<Results<Accepted<DeployPullRequestReply>, ProblemHttpResult>> DeployAsync(
        DeployPullRequestRequest body, HttpRequest request, ClaimsPrincipal user, RunStarts starts, CancellationToken cancellationToken)
    {
        if (body.Type is not (null or DeployType))
        {
            return RunEndpoints.Invalid($"type is {DeployType}.");
        }

        if (body.Sha is null || !ShaPattern().IsMatch(body.Sha))
        {
            return RunEndpoints.Invalid("sha is a full commit id: 40 or 64 hexadecimal digits.");
        }

        if (body.Branch is { Length: 0 or > BranchLengthMax })
        {
            return RunEndpoints.Invalid($"branch has 1 to {BranchLengthMax} characters, or is left out.");
        }

        if (Check(body.Repository, body.PrNumber, request, out var key) is { } refusal)
        {
            return refusal;
        }

        var wish = new StartWish(body.Repository, body.PrNumber, body.Sha, body.Branch, "deploy", user.Ownership(), key);
        var start = await starts.StartAsync(wish, cancellationToken);
        return start.Problem is { } problem
            ? problem
            : TypedResults.Accepted(
                $"/api/v1/runs/{start.Runs[0].Id}",
                new DeployPullRequestReply(start.Runs[0].Id, start.Runs[0].Phase, [.. start.Runs.Select(RunViewing.ToSummary)]));
    }

    private static ProblemHttpResult? Check(string? repository, int pullRequest, HttpRequest request, out string? key)
    {
        key = null;
        if (!GitHubClient.IsFullName(repository))
        {
            return RunEndpoints.Invalid("repository is owner/name.");
        }

        if (pullRequest < 1)
        {
            return RunEndpoints.Invalid("The pull request's number is 1 or more.");
        }

        var keys = request.Headers[Idempotency.KeyHeader];
        if (keys.Count > 1 || (keys is [{ } one] && !KeyPattern().IsMatch(one)))
        {
            return RunEndpoints.Invalid($"{Idempotency.KeyHeader} is 1 to {RunLimits.IdempotencyKeyLengthMax} visible ASCII characters, once.");
        }

        key = keys.Count == 1 ? keys[0] : null;
        return null;
    }

    [GeneratedRegex(@"\A(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64})\z", RegexOptions.CultureInvariant)]
    private static partial Regex ShaPattern();

    [GeneratedRegex(@"\A[\x21-\x7e]{1,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex KeyPattern();
}
