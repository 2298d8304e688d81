using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.GitHub;
using Services.Scheduler.GitHub;
using Services.Scheduler.Policies;
using Services.Scheduler.Steps;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Runs;

/// <summary>What somebody or something wants run: everything of a run but its attempt.</summary>
/// <param name="Forge">The forge's name, see <see cref="GitHubOptions.Forge"/>.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Subject">Such as <c>pr/12</c>; at most 512 characters.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="HeadSha">The commit.</param>
/// <param name="BaseSha">The commit that it is compared with, and whose policy counts.</param>
/// <param name="HeadRef">The branch's name, for people.</param>
/// <param name="PullRequest">Its number, or null.</param>
/// <param name="Title">For people.</param>
/// <param name="Trigger">What caused it, such as <c>pull_request.opened</c>.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="Traceparent">The trace of the request that caused it.</param>
internal sealed record WantedRun(
    string Forge, GitHubRepositoryRef Repository, string Subject, RunKind Kind, string HeadSha, string BaseSha, string? HeadRef, int? PullRequest,
    string Title, string Trigger, Ownership Owner, string? Traceparent);

/// <summary>Makes runs: the row, its steps, and the first event of its history. The caller saves.</summary>
internal sealed class RunFactory(TimeProvider time)
{
    private const int TitleMax = 300;

    public RunRow Add(SchedulerDbContext db, WantedRun wanted, Workflow workflow, int attempt)
    {
        var now = time.GetUtcNow();
        var run = new RunRow
        {
            Id = RunId.New(time),
            Forge = wanted.Forge,
            RepositoryId = wanted.Repository.Id,
            Repository = wanted.Repository.FullName,
            InstallationId = wanted.Repository.InstallationId,
            Subject = wanted.Subject,
            Kind = wanted.Kind,
            HeadSha = wanted.HeadSha,
            BaseSha = wanted.BaseSha,
            HeadRef = wanted.HeadRef,
            PullRequest = wanted.PullRequest,
            Title = wanted.Title.Length <= TitleMax ? wanted.Title : wanted.Title[..TitleMax],
            Trigger = wanted.Trigger,
            Workflow = workflow.Name,
            Attempt = attempt,
            Definition = JsonSerializer.Serialize(workflow, PolicyJsonContext.Default.Workflow),
            Priority = (int)workflow.Priority,
            QueuedAt = now,
            Traceparent = wanted.Traceparent,
            TenantId = wanted.Owner.TenantId,
            OwnerTeam = wanted.Owner.OwnerTeam,
            CreatedBy = wanted.Owner.CreatedBy,
        };
        run.State = RunState.New;
        db.Runs.Add(run);
        RunChanges.AddQueued(db, run, now);
        for (var index = 0; index < workflow.Steps.Count; index++)
        {
            var step = workflow.Steps[index];
            db.Steps.Add(new StepRow
            {
                Id = StepId.New(time),
                RunId = run.Id,
                Index = index,
                Name = step.Name,
                Kind = step.Kind,
                State = StepState.Waiting,
                TenantId = run.TenantId,
                OwnerTeam = run.OwnerTeam,
                CreatedBy = run.CreatedBy,
            });
        }

        return run;
    }
}
