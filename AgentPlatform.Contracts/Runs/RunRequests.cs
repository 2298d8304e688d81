namespace AgentPlatform.Contracts.Runs;

/// <summary>
/// <c>POST /api/v1/runs</c>: run a pull request's head now. Where runs of that head are under way, they are the answer; where they are concluded,
/// each gets another attempt. The header <c>Idempotency-Key</c> makes a repeated request the same request.
/// </summary>
/// <param name="Repository"><c>owner/name</c>; the App must be installed there.</param>
/// <param name="PullRequest">The pull request's number.</param>
public sealed record CreateRunRequest(string Repository, int PullRequest);

/// <summary><c>POST /deploy/pr</c>: the same in the words of the AgentAPI middleware.</summary>
/// <param name="Type"><c>pr_deployment</c>, or absent.</param>
/// <param name="Repository"><c>owner/name</c>.</param>
/// <param name="Branch">The head branch's name; null if it is not to be checked.</param>
/// <param name="Sha">The commit that the caller means; refused if the pull request's head is another by now.</param>
/// <param name="CloneUrl">Ignored: what is fetched, and from where, the platform knows by itself.</param>
/// <param name="PrNumber">The pull request's number.</param>
public sealed record DeployPullRequestRequest(string? Type, string Repository, string? Branch, string Sha, string? CloneUrl, int PrNumber);

/// <summary>The runs of a head: one for each workflow of its policy.</summary>
/// <param name="Id">The first of them, for callers that follow one.</param>
/// <param name="Runs">All of them.</param>
public sealed record StartedRuns(RunId Id, IReadOnlyList<RunSummary> Runs);

/// <summary>The answer to <c>POST /deploy/pr</c>.</summary>
/// <param name="TaskId">The first run's id.</param>
/// <param name="Status">Where that run stands.</param>
/// <param name="Runs">All runs of the head.</param>
public sealed record DeployPullRequestReply(RunId TaskId, RunPhase Status, IReadOnlyList<RunSummary> Runs);

/// <summary>Limits of the runs API.</summary>
public static class RunLimits
{
    /// <summary>Characters of an <c>Idempotency-Key</c>, which are visible ASCII.</summary>
    public const int IdempotencyKeyLengthMax = 128;

    /// <summary>Findings in one answer.</summary>
    public const int FindingsMax = 1000;

    /// <summary>Spans that are kept of a run's trace.</summary>
    public const int SpansMax = 5000;

    /// <summary>Events in one page.</summary>
    public const int EventsMax = 200;

    /// <summary>The longest that a call is held back until there is something to say.</summary>
    public const int WaitSecondsMax = 25;

    /// <summary>How far back statistics look, in hours.</summary>
    public const int StatisticsHoursMax = 24 * 90;
}

/// <summary>Stable problem codes of the runs API, beside those of <see cref="ProblemCodes"/>.</summary>
public static class RunProblemCodes
{
    /// <summary>404: the App is not installed on that repository, or there is no such repository.</summary>
    public const string RepositoryNotFound = "repository_not_found";

    /// <summary>404: the repository has no such pull request.</summary>
    public const string PullRequestNotFound = "pull_request_not_found";

    /// <summary>409: the pull request is closed.</summary>
    public const string PullRequestClosed = "pull_request_closed";

    /// <summary>409: the pull request's head is another commit, or another branch, than the caller means.</summary>
    public const string HeadMoved = "head_moved";

    /// <summary>409: the run is concluded.</summary>
    public const string RunConcluded = "run_concluded";

    /// <summary>409: the run cannot be repeated, because an attempt at it is under way or its policy could not be read.</summary>
    public const string RunNotRepeatable = "run_not_repeatable";

    /// <summary>404: the run has no step of that name or id, or none that has begun.</summary>
    public const string StepNotFound = "step_not_found";

    /// <summary>503: no GitHub App is configured.</summary>
    public const string ForgeNotConfigured = "forge_not_configured";

    /// <summary>502: the forge refused or did not answer.</summary>
    public const string ForgeFailed = "forge_failed";

    /// <summary>502: the host that holds the output did not give it.</summary>
    public const string HostFailed = "host_failed";
}
