using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Microsoft.EntityFrameworkCore;
using Services.Scheduler.GitHub;
using Services.Scheduler.Policies;
using Services.Scheduler.PullRequests;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Runs;

/// <summary>The next attempt at a concluded run, or why there is none.</summary>
internal sealed record ReRun(RunRow? Made, string? Refusal);

/// <summary>Makes another attempt: same commit, same workflow as it was defined then, a new report.</summary>
internal sealed class ReRuns(RunFactory factory, RunStore store, IServiceScopeFactory scopes, TimeProvider time)
{
    /// <param name="id">The run to repeat.</param>
    /// <param name="repositoryId">The repository the wish came from; null where the caller may see every run.</param>
    /// <param name="trigger">What caused it.</param>
    /// <param name="traceparent">The trace it will belong to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ReRun> AgainAsync(RunId id, long? repositoryId, string trigger, string? traceparent, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var run = await db.Runs.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
        if (run is null || (repositoryId is not null && run.RepositoryId != repositoryId))
        {
            return new ReRun(null, "there is no such run");
        }

        var same = db.Runs.Where(row => row.Forge == run.Forge && row.RepositoryId == run.RepositoryId && row.Subject == run.Subject
            && row.HeadSha == run.HeadSha && row.Workflow == run.Workflow);
        if (await same.AnyAsync(row => row.Phase != RunPhase.Concluded, cancellationToken))
        {
            return new ReRun(null, "an attempt at it is under way");
        }

        if (run.Conclusion == RunConclusion.Skipped)
        {
            // The policy may be another by now; whoever asks for a run of the head has it read anew.
            return new ReRun(null, $"it was skipped: {run.Reason}");
        }

        var workflow = JsonSerializer.Deserialize(run.Definition, PolicyJsonContext.Default.Workflow)!;
        if (workflow.Steps.Count == 0)
        {
            return new ReRun(null, "its policy file could not be read; a new commit is looked at anew");
        }

        var wanted = new WantedRun(
            run.Forge, new GitHubRepositoryRef(run.InstallationId, run.RepositoryId, run.Repository), run.Subject, run.Kind, run.HeadSha, run.BaseSha, run.HeadRef,
            run.PullRequest, run.Title, trigger, new Ownership(run.TenantId, run.OwnerTeam, run.CreatedBy), traceparent);
        var made = factory.Add(db, wanted, workflow, await same.MaxAsync(row => row.Attempt, cancellationToken) + 1);
        if (await IsUnapprovedAsync(db, same, cancellationToken)
            && RunMachine.Apply(made.State, new RunCommand.Hold(PullRequestRuns.NeedsApproval), time.GetUtcNow()) is RunTransition.Moved held)
        {
            RunChanges.Record(db, made, held, time.GetUtcNow());
        }

        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException error) when (error.InnerException is Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.UniqueViolation })
        {
            return new ReRun(null, "an attempt at it is under way");
        }

        store.Announce([made]);
        return new ReRun(made, null);
    }

    /// <summary>Whether this commit was held for approval and never approved. To ask for another attempt is no approval: its author may do that too.</summary>
    private static async Task<bool> IsUnapprovedAsync(SchedulerDbContext db, IQueryable<RunRow> attempts, CancellationToken cancellationToken)
    {
        var kinds = await db.RunEvents.Where(happened => attempts.Any(run => run.Id == happened.RunId) && (happened.Kind == RunMachine.HeldKind || happened.Kind == RunMachine.ApprovedKind))
            .Select(happened => happened.Kind).Distinct().ToListAsync(cancellationToken);
        return kinds.Contains(RunMachine.HeldKind) && !kinds.Contains(RunMachine.ApprovedKind);
    }
}
