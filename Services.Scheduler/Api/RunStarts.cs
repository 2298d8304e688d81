using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.GitHub;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Services.Scheduler.GitHub;
using Services.Scheduler.PullRequests;
using Services.Scheduler.Runs;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Api;

/// <summary>A wish to run a pull request's head.</summary>
/// <param name="Repository"><c>owner/name</c>, checked.</param>
/// <param name="PullRequest">From 1.</param>
/// <param name="Sha">The commit that is meant, or null for the head as it is.</param>
/// <param name="Branch">The head branch that is meant, or null.</param>
/// <param name="Trigger">What to show as the cause.</param>
/// <param name="Owner">Whose the runs will be.</param>
/// <param name="IdempotencyKey">The caller's name for this wish, or null.</param>
internal sealed record StartWish(string Repository, int PullRequest, string? Sha, string? Branch, string Trigger, Ownership Owner, string? IdempotencyKey);

/// <summary>The runs of a head, or why there are none.</summary>
internal sealed record Start(IReadOnlyList<RunRow> Runs, bool Made, ProblemHttpResult? Problem)
{
    public static Start Refused(int status, string code, string detail) => new([], false, AgentPlatform.ServiceDefaults.Problems.Problem.Of(status, code, detail));
}

/// <summary>Starts runs that somebody asks for over the API. What is run is what GitHub's API says the head is, never what the caller says.</summary>
internal sealed class RunStarts(
    GitHubClient github, PullRequestRuns pullRequests, RunQueries queries, SchedulerDbContext db, IOptionsMonitor<GitHubOptions> options, TimeProvider time)
{
    private static readonly TimeSpan KeysKept = TimeSpan.FromDays(2);

    public async Task<Start> StartAsync(StartWish wish, CancellationToken cancellationToken)
    {
        if (!options.CurrentValue.IsConfigured)
        {
            return Start.Refused(StatusCodes.Status503ServiceUnavailable, RunProblemCodes.ForgeNotConfigured, "No GitHub App is configured: GitHub:AppId is not set.");
        }

        if (await ReplayAsync(wish, cancellationToken) is { } before)
        {
            return before;
        }

        try
        {
            return await MakeAsync(wish, cancellationToken);
        }
        catch (DbUpdateException error) when (wish.IdempotencyKey is not null && error.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // A request with the same key was quicker; its answer is this one's.
            return await ReplayAsync(wish, cancellationToken) ?? throw new InvalidOperationException("A key was taken and is not there.", error);
        }
        catch (GitHubException error)
        {
            return Start.Refused(StatusCodes.Status502BadGateway, RunProblemCodes.ForgeFailed, $"GitHub did not help: {error.Message}.");
        }
    }

    private async Task<Start> MakeAsync(StartWish wish, CancellationToken cancellationToken)
    {
        GitHubRepositoryRef repository;
        GitHubPull pull;
        try
        {
            repository = await github.FindRepositoryAsync(wish.Repository, cancellationToken);
        }
        catch (GitHubException error) when (error.Status is HttpStatusCode.NotFound)
        {
            return Start.Refused(StatusCodes.Status404NotFound, RunProblemCodes.RepositoryNotFound, "The App is not installed on such a repository.");
        }

        try
        {
            pull = await github.GetPullAsync(repository, wish.PullRequest, cancellationToken);
        }
        catch (GitHubException error) when (error.IsGone)
        {
            return Start.Refused(StatusCodes.Status404NotFound, RunProblemCodes.PullRequestNotFound, "The repository has no such pull request.");
        }

        if (Mismatch(wish, pull) is { } mismatch)
        {
            return mismatch;
        }

        var started = await pullRequests.StartAsync(
            repository, pull, wish.Trigger, wish.Owner, Activity.Current?.Id, (context, result) => Remember(context, wish, result), cancellationToken);
        return new Start([.. started.Made, .. started.Kept], started.Made.Count > 0, null);
    }

    private static Start? Mismatch(StartWish wish, GitHubPull pull) => pull switch
    {
        { State: not "open" } => Start.Refused(StatusCodes.Status409Conflict, RunProblemCodes.PullRequestClosed, "The pull request is closed."),
        _ when wish.Sha is { } sha && !string.Equals(sha, pull.Head.Sha, StringComparison.OrdinalIgnoreCase) =>
            Start.Refused(StatusCodes.Status409Conflict, RunProblemCodes.HeadMoved, $"The pull request's head is {pull.Head.Sha}."),
        _ when wish.Branch is { } branch && branch != pull.Head.Ref =>
            Start.Refused(StatusCodes.Status409Conflict, RunProblemCodes.HeadMoved, "The pull request's head is another branch."),
        _ => null,
    };

    private async Task<Start?> ReplayAsync(StartWish wish, CancellationToken cancellationToken)
    {
        if (wish.IdempotencyKey is not { } key)
        {
            return null;
        }

        var (tenant, caller) = (wish.Owner.TenantId, wish.Owner.CreatedBy);
        var known = await db.IdempotencyKeys.AsNoTracking()
            .SingleOrDefaultAsync(row => row.TenantId == tenant && row.CreatedBy == caller && row.Key == key, cancellationToken);
        if (known is null)
        {
            await ForgetAsync(cancellationToken);
            return null;
        }

        return known.RequestHash.AsSpan().SequenceEqual(Hash(wish))
            ? new Start(await queries.FindAllAsync(tenant, [.. known.Runs.Select(RunId.From)], cancellationToken), Made: false, null)
            : Start.Refused(
                StatusCodes.Status422UnprocessableEntity, ProblemCodes.IdempotencyKeyReused, "The Idempotency-Key was used for another request.");
    }

    private void Remember(SchedulerDbContext context, StartWish wish, Reconciled result)
    {
        if (wish.IdempotencyKey is not { } key)
        {
            return;
        }

        context.IdempotencyKeys.Add(new IdempotencyKeyRow
        {
            Key = key,
            RequestHash = Hash(wish),
            Runs = [.. result.Made.Concat(result.Kept).Select(run => run.Id.Value)],
            CreatedAt = time.GetUtcNow(),
            TenantId = wish.Owner.TenantId,
            OwnerTeam = wish.Owner.OwnerTeam,
            CreatedBy = wish.Owner.CreatedBy,
        });
    }

    /// <summary>Every new key takes some old ones away, so the table stays as large as two days' requests.</summary>
    private Task ForgetAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - KeysKept;
        return db.IdempotencyKeys.Where(row => row.CreatedAt < before).OrderBy(row => row.CreatedAt).Take(100).ExecuteDeleteAsync(cancellationToken);
    }

    private static byte[] Hash(StartWish wish) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{wish.Trigger}\n{wish.Repository.ToLowerInvariant()}\n{wish.PullRequest}\n{wish.Sha?.ToLowerInvariant()}\n{wish.Branch}")));
}
