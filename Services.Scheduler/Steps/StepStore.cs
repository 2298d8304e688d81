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
    private const int ConflictsMax = 10;

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
        for (var conflicts = 0; ; conflicts++)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
            var run = await db.Runs.SingleAsync(row => row.Id == runId, cancellationToken);
            if (run.Generation != generation || run.Phase == RunPhase.Concluded)
            {
                throw new StaleGenerationException(runId, generation);
            }

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

            try
            {
                await db.SaveChangesAsync(cancellationToken);
                signals.RunMoved(run);
                return step;
            }
            catch (DbUpdateException error) when (RunChanges.IsConflict(error) && conflicts < ConflictsMax)
            {
                // The run moved in between, for example because somebody cancelled it: look again.
            }
        }
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
