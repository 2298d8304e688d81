using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Microsoft.EntityFrameworkCore;
using Services.Scheduler.Findings;
using Services.Scheduler.Runs;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Steps;

/// <summary>Another worker holds the run under a newer generation: whoever gets this lets go and changes nothing more.</summary>
internal sealed class StaleGenerationException(RunId run, long generation) : Exception($"{run} is no longer held under generation {generation}");

/// <summary>Reads and writes the steps of a run. A write counts only under the generation that holds the run, and is an event of its history.</summary>
internal sealed class StepStore(IServiceScopeFactory scopes, RunSignals signals, TimeProvider time)
{
    public async Task<IReadOnlyList<StepRow>> ListAsync(RunId run, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        return await db.Steps.AsNoTracking().Where(step => step.RunId == run).OrderBy(step => step.Index).ToListAsync(cancellationToken);
    }

    /// <summary>Puts the id of a step's command on its row, unless there is one: whoever comes second uses the first one's.</summary>
    /// <returns>The id on the row.</returns>
    /// <exception cref="StaleGenerationException">The run is concluded or held by another.</exception>
    public async Task<CommandId> NoteCommandAsync(RunId runId, long generation, StepId stepId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var id = CommandId.New(time);
        var noted = await db.Steps
            .Where(step => step.Id == stepId && step.Command == null && db.Runs.Any(run => run.Id == runId && run.Generation == generation && run.Phase != RunPhase.Concluded))
            .ExecuteUpdateAsync(step => step.SetProperty(row => row.Command, (CommandId?)id), cancellationToken);
        return noted == 1
            ? id
            : await db.Steps.Where(step => step.Id == stepId).Select(step => step.Command).SingleAsync(cancellationToken) ?? throw new StaleGenerationException(runId, generation);
    }

    /// <summary>Changes a step and, with it, what it found.</summary>
    /// <exception cref="StaleGenerationException">The run is concluded or held by another.</exception>
    public async Task<StepRow> ChangeAsync(
        RunId runId, long generation, StepId stepId, Action<StepRow> change, CancellationToken cancellationToken, IReadOnlyList<FindingRow>? findings = null)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();

        // The transaction is repeated as a whole or not at all, so a savepoint would only cost time.
        db.Database.AutoSavepointsEnabled = false;
        var (run, step) = await db.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var run = await HoldAsync(db, runId, generation, cancellationToken);
            var step = await ChangeAsync(db, run, stepId, change, findings, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return (run, step);
        });
        signals.RunMoved(run);
        return step;
    }

    /// <summary>
    /// Locks the run's row before anything else is written, as every writer of a run does. Were its event written first, a transition that holds the row could
    /// wait for the number of that event while the event waits for the row.
    /// </summary>
    private static async Task<RunRow> HoldAsync(SchedulerDbContext db, RunId id, long generation, CancellationToken cancellationToken)
    {
        var held = await db.Runs.FromSql($"SELECT * FROM scheduler.runs WHERE id = {id.Value} FOR UPDATE").ToListAsync(cancellationToken);
        return held is [{ Phase: not RunPhase.Concluded } run] && run.Generation == generation ? run : throw new StaleGenerationException(id, generation);
    }

    private async Task<StepRow> ChangeAsync(
        SchedulerDbContext db, RunRow run, StepId stepId, Action<StepRow> change, IReadOnlyList<FindingRow>? findings, CancellationToken cancellationToken)
    {
        var step = await db.Steps.SingleAsync(row => row.Id == stepId, cancellationToken);
        var before = step.State;
        change(step);
        if (findings is not null)
        {
            // A repeated report of the same step takes the place of the first.
            db.Findings.RemoveRange(await db.Findings.Where(finding => finding.StepId == stepId).ToListAsync(cancellationToken));
            db.Findings.AddRange(findings);
        }

        if (step.State != before)
        {
            var said = new StepEventData(step.Id, step.Name, step.State, step.ExitCode, step.Summary);
            RunChanges.AddFact(db, run, "step.changed", said, time.GetUtcNow());
        }

        return step;
    }

    /// <summary>The workspace was lost with its instance: every step that is not decided for good starts anew.</summary>
    public async Task ResetAsync(RunId runId, long generation, CancellationToken cancellationToken)
    {
        foreach (var step in await ListAsync(runId, cancellationToken))
        {
            if (step.State != StepState.Waiting)
            {
                await ChangeAsync(runId, generation, step.Id, Reset, cancellationToken);
            }
        }
    }

    private static void Reset(StepRow step)
    {
        (step.State, step.Command, step.Session, step.ExitCode) = (StepState.Waiting, null, null, null);
        (step.StartedAt, step.EndedAt, step.Summary, step.Log, step.LogBytes, step.LogTruncated) = (null, null, null, null, 0, false);
    }
}
