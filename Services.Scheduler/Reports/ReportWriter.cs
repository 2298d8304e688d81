using System.Diagnostics;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Failpoints;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Services.Scheduler.Findings;
using Services.Scheduler.GitHub;
using Services.Scheduler.Runs;
using Services.Scheduler.Steps;
using Services.Scheduler.Storage;
using Services.Scheduler.Workers;

namespace Services.Scheduler.Reports;

/// <summary>
/// Writes one run's report: its check run, and with the conclusion the annotations and the comment. Every write can be repeated:
/// the check run is looked for by our id before it is made, annotations go on behind those that are there, the comment is edited.
/// </summary>
internal sealed class ReportWriter(GitHubClient github, IServiceScopeFactory scopes, IOptionsMonitor<WorkerOptions> options, TimeProvider time)
{
    /// <summary>GitHub's limit for one request.</summary>
    private const int AnnotationsPerRequest = 50;
    private const int AnnotationsMax = 500;

    public async Task WriteAsync(RunRow run, CancellationToken cancellationToken)
    {
        using var activity = Start(run);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var status = Status(run.Phase);
        var repository = new GitHubRepositoryRef(run.InstallationId, run.RepositoryId, run.Repository);
        if (await EnsureCheckAsync(repository, run, status, cancellationToken) is not { } check)
        {
            await NoteAsync(db, run, status, null, null, cancellationToken);
            return;
        }

        var comment = run.CommentId;
        if (status == CheckStatus.Completed)
        {
            var steps = await db.Steps.AsNoTracking().Where(step => step.RunId == run.Id).OrderBy(step => step.Index).ToListAsync(cancellationToken);
            var findings = await db.Findings.AsNoTracking().Where(finding => finding.RunId == run.Id)
                .OrderBy(finding => finding.File).ThenBy(finding => finding.Line).ThenBy(finding => finding.Id).Take(AnnotationsMax).ToListAsync(cancellationToken);
            await CompleteAsync(repository, run, check, steps, findings, cancellationToken);
            await Failpoint.PassAsync(FailpointNames.CheckCompleted);
            if (run.PullRequest is { } number && run.Conclusion is not RunConclusion.Superseded)
            {
                comment = await CommentAsync(repository, run, number, ReportText.Comment(run, steps, findings, Link(run)), cancellationToken);
                await Failpoint.PassAsync(FailpointNames.CommentWritten);
            }
        }

        await NoteAsync(db, run, status, check.Id, comment, cancellationToken);
    }

    /// <returns>Null for a superseded run that was never shown: nobody waits for a commit that is no head any more.</returns>
    private async Task<GitHubCheckRun?> EnsureCheckAsync(GitHubRepositoryRef repository, RunRow run, CheckStatus status, CancellationToken cancellationToken)
    {
        var externalId = run.Id.ToString();
        var found = await github.FindCheckRunsAsync(repository, run.HeadSha, ReportText.CheckName(run), externalId, cancellationToken);
        foreach (var duplicate in found.Skip(1).Where(check => check.Status != "completed"))
        {
            await github.UpdateCheckRunAsync(repository, duplicate.Id, new GitHubCheckRunWrite { Status = "completed", Conclusion = "neutral" }, cancellationToken);
        }

        var write = new GitHubCheckRunWrite
        {
            Status = status switch { CheckStatus.Queued => "queued", CheckStatus.ActionRequired => "completed", _ => "in_progress" },
            Conclusion = status == CheckStatus.ActionRequired ? "action_required" : null,
            StartedAt = run.StartedAt,
            DetailsUrl = Link(run)?.AbsoluteUri,
            Output = new GitHubCheckOutput(ReportText.Title(run), ReportText.Summary(run, [], []), null, null),
        };
        if (found.Count == 0 && run.Conclusion is RunConclusion.Superseded)
        {
            return null;
        }

        if (found.Count == 0)
        {
            var named = write with { Name = ReportText.CheckName(run), HeadSha = run.HeadSha, ExternalId = externalId };
            var made = await github.CreateCheckRunAsync(repository, named, cancellationToken);
            await Failpoint.PassAsync(FailpointNames.CheckMade);
            return made;
        }

        return status == CheckStatus.Completed ? found[0] : await github.UpdateCheckRunAsync(repository, found[0].Id, write, cancellationToken);
    }

    private async Task CompleteAsync(
        GitHubRepositoryRef repository, RunRow run, GitHubCheckRun check, IReadOnlyList<StepRow> steps, IReadOnlyList<FindingRow> findings, CancellationToken cancellationToken)
    {
        var (title, summary) = (ReportText.Title(run), ReportText.Summary(run, steps, findings));
        var pages = findings.Skip(check.Output?.AnnotationsCount ?? 0).Select(ReportText.Annotation).Chunk(AnnotationsPerRequest).ToList();

        // Annotations first and the conclusion with the last page: who sees the check completed sees all of it.
        for (var page = 0; page < Math.Max(1, pages.Count); page++)
        {
            var last = page >= pages.Count - 1;
            await github.UpdateCheckRunAsync(
                repository, check.Id,
                new GitHubCheckRunWrite
                {
                    Status = last ? "completed" : "in_progress",
                    Conclusion = last ? ReportText.Conclusion(run.Conclusion ?? RunConclusion.Neutral) : null,
                    CompletedAt = last ? run.ConcludedAt : null,
                    DetailsUrl = Link(run)?.AbsoluteUri,
                    Output = new GitHubCheckOutput(title, summary, null, page < pages.Count ? pages[page] : null),
                },
                cancellationToken);
        }
    }

    private async Task<long> CommentAsync(GitHubRepositoryRef repository, RunRow run, int number, string body, CancellationToken cancellationToken)
    {
        var found = await github.FindCommentAsync(repository, number, ReportText.Marker(run), cancellationToken);
        var written = found is null
            ? await github.CreateCommentAsync(repository, number, body, cancellationToken)
            : await github.UpdateCommentAsync(repository, found.Id, body, cancellationToken);
        return written.Id;
    }

    private async Task NoteAsync(SchedulerDbContext db, RunRow run, CheckStatus status, long? check, long? comment, CancellationToken cancellationToken)
    {
        var state = status == CheckStatus.Completed ? ReportState.Settled : ReportState.Posted;
        await db.Runs.Where(row => row.Id == run.Id).ExecuteUpdateAsync(
            row => row
                .SetProperty(item => item.Report, state)
                .SetProperty(item => item.ReportedStatus, status)
                .SetProperty(item => item.CheckRunId, check)
                .SetProperty(item => item.CommentId, comment)
                .SetProperty(item => item.ReportFailures, 0)
                .SetProperty(item => item.ReportNotBefore, (DateTimeOffset?)time.GetUtcNow()),
            cancellationToken);
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
