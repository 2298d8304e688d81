using System.Diagnostics;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Failpoints;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Services.Scheduler.Findings;
using Services.Scheduler.GitHub;
using Services.Scheduler.Policies;
using Services.Scheduler.Runs;
using Services.Scheduler.Steps;
using Services.Scheduler.Storage;
using Services.Scheduler.Workers;

namespace Services.Scheduler.Reports;

/// <summary>What the forge has been told of a run, to be noted on its row.</summary>
internal sealed record ReportNote(RunId Run, CheckStatus Status, long? Check, long? Comment);

/// <summary>
/// Writes one run's report: its check run, and with the conclusion the annotations and the comment. Every write can be repeated:
/// the check run is looked for by our id before it is made, annotations go on behind those that are there, the comment is edited.
/// </summary>
internal sealed class ReportWriter(GitHubClient github, IServiceScopeFactory scopes, IOptionsMonitor<WorkerOptions> options)
{
    /// <summary>GitHub's limit for one request.</summary>
    private const int AnnotationsPerRequest = 50;
    private const int AnnotationsMax = 500;

    /// <param name="run">The run as it was before it was claimed for this attempt.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ReportNote> WriteAsync(RunRow run, CancellationToken cancellationToken)
    {
        using var activity = Start(run);
        var status = Status(run.Phase);
        var repository = new GitHubRepositoryRef(run.InstallationId, run.RepositoryId, run.Repository);
        if (status != CheckStatus.Completed)
        {
            var shown = await FindCheckAsync(repository, run, cancellationToken);
            var check = await WriteCheckAsync(repository, run, shown?.Id, Progress(run, status), cancellationToken);
            return new ReportNote(run.Id, status, check.Id, run.CommentId);
        }

        var (steps, findings) = await ReadAsync(run, cancellationToken);
        var found = await FindCheckAsync(repository, run, cancellationToken);
        if (found is null && run.Conclusion is RunConclusion.Superseded)
        {
            // It was never shown, and nobody waits for a commit that is no head any more.
            return new ReportNote(run.Id, status, null, null);
        }

        var completed = await CompleteAsync(repository, run, found, steps, findings, cancellationToken);
        await Failpoint.PassAsync(FailpointNames.CheckCompleted);
        var comment = run.CommentId;

        // A run without steps has nothing to say beyond its check.
        if (run.PullRequest is { } number && run.Conclusion is not RunConclusion.Superseded && steps.Count > 0)
        {
            comment = await CommentAsync(repository, run, number, ReportText.Comment(run, steps, findings, Link(run)), cancellationToken);
            await Failpoint.PassAsync(FailpointNames.CommentWritten);
        }

        return new ReportNote(run.Id, status, completed, comment);
    }

    private async Task<(IReadOnlyList<StepRow> Steps, IReadOnlyList<FindingRow> Findings)> ReadAsync(RunRow run, CancellationToken cancellationToken)
    {
        if (JsonSerializer.Deserialize(run.Definition, PolicyJsonContext.Default.Workflow) is { Steps.Count: 0 })
        {
            return ([], []);
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var steps = await db.Steps.AsNoTracking().Where(step => step.RunId == run.Id).OrderBy(step => step.Index).ToListAsync(cancellationToken);
        var findings = await db.Findings.AsNoTracking().Where(finding => finding.RunId == run.Id)
            .OrderBy(finding => finding.File).ThenBy(finding => finding.Line).ThenBy(finding => finding.Id).Take(AnnotationsMax).ToListAsync(cancellationToken);
        return (steps, findings);
    }

    /// <summary>
    /// The run's check, if there is one. Of several that carry its id the newest counts, since that is the one GitHub looks at; the others are ended so that they let
    /// nothing pass, and as of a time before the run's own end, so that none of them is the latest.
    /// </summary>
    private async Task<GitHubCheckRun?> FindCheckAsync(GitHubRepositoryRef repository, RunRow run, CancellationToken cancellationToken)
    {
        // A claim is on the row before anything is sent: where there was none yet, nothing can have been made.
        if (run.ReportNotBefore is null)
        {
            return null;
        }

        var found = await github.FindCheckRunsAsync(repository, run.HeadSha, ReportText.CheckName(run), run.Id.ToString(), cancellationToken);
        foreach (var superfluous in found.SkipLast(1).Where(check => check.Status != "completed"))
        {
            await github.UpdateCheckRunAsync(repository, superfluous.Id, Superfluous(run), cancellationToken);
        }

        return found.Count > 0 ? found[^1] : null;
    }

    private async Task<GitHubCheckRun> WriteCheckAsync(
        GitHubRepositoryRef repository, RunRow run, long? check, GitHubCheckRunWrite write, CancellationToken cancellationToken)
    {
        write = write with { DetailsUrl = Link(run)?.AbsoluteUri };
        if (check is { } id)
        {
            return await github.UpdateCheckRunAsync(repository, id, write, cancellationToken);
        }

        var named = write with { Name = ReportText.CheckName(run), HeadSha = run.HeadSha, ExternalId = run.Id.ToString() };
        var made = await github.CreateCheckRunAsync(repository, named, cancellationToken);
        await Failpoint.PassAsync(FailpointNames.CheckMade);
        return made;
    }

    private static GitHubCheckRunWrite Superfluous(RunRow run) => new()
    {
        Status = "completed",
        Conclusion = "cancelled",
        CompletedAt = run.QueuedAt,
        Output = new GitHubCheckOutput("superfluous", $"Another check run of `{run.Id}` counts; this one came of an answer that was lost.", null, null),
    };

    private static GitHubCheckRunWrite Progress(RunRow run, CheckStatus status) => new()
    {
        Status = status switch { CheckStatus.Queued => "queued", CheckStatus.ActionRequired => "completed", _ => "in_progress" },
        Conclusion = status == CheckStatus.ActionRequired ? "action_required" : null,
        StartedAt = run.StartedAt,
        Output = new GitHubCheckOutput(ReportText.Title(run), ReportText.Summary(run, [], []), null, null),
    };

    private async Task<long> CompleteAsync(
        GitHubRepositoryRef repository, RunRow run, GitHubCheckRun? found, IReadOnlyList<StepRow> steps, IReadOnlyList<FindingRow> findings, CancellationToken cancellationToken)
    {
        var (title, summary) = (ReportText.Title(run), ReportText.Summary(run, steps, findings));
        var pages = findings.Skip(found?.Output?.AnnotationsCount ?? 0).Select(ReportText.Annotation).Chunk(AnnotationsPerRequest).ToList();
        var check = found?.Id;

        // Annotations first and the conclusion with the last page: who sees the check completed sees all of it.
        for (var page = 0; page < Math.Max(1, pages.Count); page++)
        {
            var last = page >= pages.Count - 1;
            var write = new GitHubCheckRunWrite
            {
                Status = last ? "completed" : "in_progress",
                Conclusion = last ? ReportText.Conclusion(run.Conclusion ?? RunConclusion.Neutral) : null,
                StartedAt = check is null ? run.StartedAt : null,
                CompletedAt = last ? run.ConcludedAt : null,
                Output = new GitHubCheckOutput(title, summary, null, page < pages.Count ? pages[page] : null),
            };
            check = (await WriteCheckAsync(repository, run, check, write, cancellationToken)).Id;
        }

        return check!.Value;
    }

    private async Task<long> CommentAsync(GitHubRepositoryRef repository, RunRow run, int number, string body, CancellationToken cancellationToken)
    {
        var found = await github.FindCommentAsync(repository, number, ReportText.Marker(run), cancellationToken);
        var written = found is null
            ? await github.CreateCommentAsync(repository, number, body, cancellationToken)
            : await github.UpdateCommentAsync(repository, found.Id, body, cancellationToken);
        return written.Id;
    }

    private Uri? Link(RunRow run) => options.CurrentValue.ConsoleUrl is { } console ? new Uri(console, $"/runs/{run.Id}") : null;

    private static CheckStatus Status(RunPhase phase) => phase switch
    {
        RunPhase.Concluded => CheckStatus.Completed,
        RunPhase.AwaitingApproval => CheckStatus.ActionRequired,
        RunPhase.Queued => CheckStatus.Queued,
        _ => CheckStatus.InProgress,
    };

    private static Activity? Start(RunRow run)
    {
        ActivityContext.TryParse(run.Traceparent, null, isRemote: true, out var parent);
        var activity = RunWorker.Source.StartActivity("run.report", ActivityKind.Internal, parent);
        activity?.SetTag("agentplatform.run.id", run.Id.ToString());
        return activity;
    }
}
