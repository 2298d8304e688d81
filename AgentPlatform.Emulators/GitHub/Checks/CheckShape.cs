using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Apps;
using AgentPlatform.Emulators.GitHub.Pulls;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Checks;

/// <summary>Check runs, suites and annotations as GitHub writes them. The caller holds the state's gate.</summary>
internal static class CheckShape
{
    /// <summary>From the best to the worst, for the suite that takes the worst of its runs.</summary>
    private static readonly string[] Severity = ["skipped", "neutral", "success", "action_required", "cancelled", "timed_out", "failure"];

    public static JsonObject CheckRun(this Urls urls, Repository repository, CheckRun run)
    {
        var self = $"{urls.Api(repository)}/check-runs/{run.Id}";
        return new JsonObject
        {
            ["id"] = run.Id,
            ["name"] = run.Name,
            ["node_id"] = Urls.NodeId("CR", run.Id),
            ["head_sha"] = run.HeadSha,
            ["external_id"] = run.ExternalId,
            ["url"] = self,
            ["html_url"] = $"{urls.Html(repository)}/runs/{run.Id}",
            ["details_url"] = run.DetailsUrl ?? $"{urls.Html(repository)}/runs/{run.Id}",
            ["status"] = run.Status,
            ["conclusion"] = run.Conclusion,
            ["started_at"] = Urls.Time(run.StartedAt),
            ["completed_at"] = Urls.Time(run.CompletedAt),
            ["output"] = new JsonObject
            {
                ["title"] = run.Title,
                ["summary"] = run.Summary,
                ["text"] = run.Text,
                ["annotations_count"] = run.Annotations.Count,
                ["annotations_url"] = $"{self}/annotations",
            },
            ["check_suite"] = new JsonObject { ["id"] = run.Suite.Id },
            ["app"] = urls.App(),
            ["pull_requests"] = urls.PullsOf(repository, run.HeadSha),
        };
    }

    public static JsonObject CheckSuite(this Urls urls, Repository repository, CheckSuite suite, JsonObject? headCommit)
    {
        var (status, conclusion) = Worst(repository, suite);
        var self = $"{urls.Api(repository)}/check-suites/{suite.Id}";
        var shape = new JsonObject
        {
            ["id"] = suite.Id,
            ["node_id"] = Urls.NodeId("CS", suite.Id),
            ["head_branch"] = suite.HeadBranch,
            ["head_sha"] = suite.HeadSha,
            ["status"] = status,
            ["conclusion"] = conclusion,
            ["url"] = self,
            ["before"] = null,
            ["after"] = suite.HeadSha,
            ["pull_requests"] = urls.PullsOf(repository, suite.HeadSha),
            ["app"] = urls.App(),
            ["created_at"] = Urls.Time(suite.CreatedAt),
            ["updated_at"] = Urls.Time(suite.UpdatedAt),
        };
        if (headCommit is not null)
        {
            shape["repository"] = urls.Repository(repository);
            shape["head_commit"] = headCommit;
            shape["latest_check_runs_count"] = repository.CheckRuns.Count(run => run.Suite == suite);
            shape["check_runs_url"] = $"{self}/check-runs";
            shape["rerequestable"] = true;
            shape["runs_rerequestable"] = true;
        }

        return shape;
    }

    public static JsonObject Annotation(this Urls urls, Repository repository, CheckRun run, Annotation annotation) => new()
    {
        ["path"] = annotation.Path,
        ["blob_href"] = $"{urls.Html(repository)}/blob/{run.HeadSha}/{Uri.EscapeDataString(annotation.Path)}",
        ["start_line"] = annotation.StartLine,
        ["start_column"] = annotation.StartColumn,
        ["end_line"] = annotation.EndLine,
        ["end_column"] = annotation.EndColumn,
        ["annotation_level"] = annotation.Level,
        ["title"] = annotation.Title,
        ["message"] = annotation.Message,
        ["raw_details"] = annotation.RawDetails,
    };

    /// <summary>The state of a suite: that of its latest runs, the worst first.</summary>
    public static (string Status, string? Conclusion) Worst(Repository repository, CheckSuite suite)
    {
        var latest = repository.CheckRuns.Where(run => run.Suite == suite).GroupBy(run => run.Name).Select(group => group.Last()).ToList();
        if (suite.Reset || latest.Count == 0)
        {
            return ("queued", null);
        }

        return latest.Exists(run => run.Status != "completed")
            ? (latest.Exists(run => run.Status == "in_progress") ? "in_progress" : "queued", null)
            : ("completed", latest.MaxBy(run => Array.IndexOf(Severity, run.Conclusion))!.Conclusion);
    }

    /// <summary>Pull requests of this commit, but not those from forks, which GitHub leaves out.</summary>
    private static JsonArray PullsOf(this Urls urls, Repository repository, string sha) =>
        new([.. repository.Pulls.Where(pull => pull.Open && !pull.IsFork && pull.Change.HeadSha == sha).Select(urls.MinimalPull)]);
}
