using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Reviews;
using AgentPlatform.Contracts.Runs;
using Services.Scheduler.Findings;
using Services.Scheduler.Policies;
using Services.Scheduler.Runs;
using Services.Scheduler.Steps;

namespace Services.Scheduler.Pipeline;

/// <summary>A step that is an agent's turn, held by Sessions as a guest in the run's instance.</summary>
internal sealed class ReviewStep(ReviewClient reviews, StepStore steps, TimeProvider time)
{
    private const int TitleMax = 300;
    private const int WaitSeconds = 25;

    /// <summary>How often Sessions may be silent in a row before the run is faulted: it may be restarting, and the agent goes on meanwhile.</summary>
    private const int SilencesMax = 20;
    private static readonly TimeSpan SilencePause = TimeSpan.FromSeconds(1);

    public async Task<StepRow> RunAsync(RunJob job, Step definition, StepRow step, CancellationToken cancellationToken)
    {
        step = await steps.ChangeAsync(
            job.Run.Id, job.Generation, step.Id,
            row =>
            {
                row.Session ??= SessionId.New(time);
                row.StartedAt ??= time.GetUtcNow();
                row.State = StepState.Running;
            },
            cancellationToken);
        var review = await HoldAsync(job, definition, step.Session!.Value, cancellationToken);
        if (review.State == ReviewState.Failed && review.FaultCategory is FaultCategory.Transient or FaultCategory.Infrastructure)
        {
            await steps.ChangeAsync(job.Run.Id, job.Generation, step.Id, row => row.Session = null, job.Control.Abandoned);
            throw new RunFaultException(review.FaultCategory.Value, review.Fault ?? "the review was lost");
        }

        var findings = review.Findings.Select(finding => Row(job.Run, step, finding)).ToList();
        return await steps.ChangeAsync(
            job.Run.Id, job.Generation, step.Id,
            row =>
            {
                (row.State, row.Summary) = Judge(review);
                row.EndedAt = time.GetUtcNow();
            },
            job.Control.Abandoned,
            findings);
    }

    private async Task<Review> HoldAsync(RunJob job, Step definition, SessionId session, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, job.Control.Ending);
        var request = Request(job, definition, session);
        var silences = 0;
        try
        {
            while (true)
            {
                try
                {
                    // Starting again is harmless, and finds out whether Sessions still knows of it after a restart.
                    var review = await reviews.StartAsync(request, either.Token);
                    while (review.State == ReviewState.Running)
                    {
                        silences = 0;
                        review = await reviews.WaitAsync(session, WaitSeconds, either.Token);
                    }

                    return review;
                }
                catch (RunFaultException silent) when (silent.Category == FaultCategory.Transient && ++silences < SilencesMax)
                {
                    await Task.Delay(SilencePause, time, either.Token);
                }
            }
        }
        catch (OperationCanceledException) when (job.Control.Ending.IsCancellationRequested && !job.Control.Abandoned.IsCancellationRequested)
        {
            return await reviews.StopAsync(session, job.Control.Abandoned);
        }
    }

    private static StartReviewRequest Request(RunJob job, Step definition, SessionId session)
    {
        var agent = definition.Agent ?? AgentSettings.Default;
        var title = job.Run.Title.Length <= TitleMax ? job.Run.Title : job.Run.Title[..TitleMax];
        var files = job.Workspace.ChangedFiles.Select(file => file.Path).ToList();
        return new StartReviewRequest(
            session, job.Run.Id, job.Generation, job.Owner, job.Host.Address, job.Instance,
            new ReviewedChange(job.Run.Repository, job.Run.PullRequest, title, job.Workspace.MergeBaseSha ?? job.Run.BaseSha, job.Run.HeadSha, files),
            new ReviewAgent(agent.Kind, agent.Model, agent.TurnsMax, (int)definition.Timeout.TotalSeconds));
    }

    private static (StepState State, string Summary) Judge(Review review) => review.State switch
    {
        ReviewState.Cancelled => (StepState.Cancelled, "stopped"),
        ReviewState.Failed => (StepState.Failed, review.Fault ?? "gave no valid answer"),
        _ => (review.Findings.Any(finding => finding.Severity == FindingSeverity.Error) ? StepState.Failed : StepState.Passed, Count(review.Findings.Count)),
    };

    private static string Count(int findings) => findings switch { 0 => "no findings", 1 => "1 finding", _ => $"{findings} findings" };

    private FindingRow Row(RunRow run, StepRow step, ReviewFinding finding) => new()
    {
        Id = FindingId.New(time),
        RunId = run.Id,
        StepId = step.Id,
        File = finding.File,
        Line = finding.Line,
        Severity = finding.Severity,
        Title = finding.Title,
        Message = finding.Message,
        TenantId = run.TenantId,
        OwnerTeam = run.OwnerTeam,
        CreatedBy = run.CreatedBy,
    };
}
