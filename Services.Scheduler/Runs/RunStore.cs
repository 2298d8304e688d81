using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Runs;

/// <summary>What became of a command.</summary>
/// <param name="Run">The run as it is now; null if there is none.</param>
/// <param name="Transition">What the machine said.</param>
internal sealed record RunOutcome(RunRow? Run, RunTransition? Transition)
{
    /// <summary>Why it was refused, or null.</summary>
    public string? Refusal => Run is null ? "there is no such run" : (Transition as RunTransition.Rejected)?.Reason;
}

/// <summary>The one way to change a run: the machine's transition, its event and its outbox entry commit together.</summary>
internal sealed class RunStore(IServiceScopeFactory scopes, RunSignals signals, TimeProvider time)
{
    private const int ConflictsMax = 10;

    public async Task<RunRow?> FindAsync(RunId id, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        return await db.Runs.AsNoTracking().SingleOrDefaultAsync(run => run.Id == id, cancellationToken);
    }

    /// <summary>Carries out a command; <paramref name="also"/> may set what goes with it, in the same transaction.</summary>
    public async Task<RunOutcome> ApplyAsync(RunId id, RunCommand command, CancellationToken cancellationToken, Action<RunRow>? also = null)
    {
        for (var conflicts = 0; ; conflicts++)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
            var run = await db.Runs.SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
            if (run is null)
            {
                return new RunOutcome(null, null);
            }

            var transition = RunMachine.Apply(run.State, command, time.GetUtcNow());
            if (transition is not RunTransition.Moved moved)
            {
                return new RunOutcome(run, transition);
            }

            RunChanges.Record(db, run, moved, time.GetUtcNow());
            also?.Invoke(run);
            try
            {
                await db.SaveChangesAsync(cancellationToken);
                signals.RunMoved(run);
                return new RunOutcome(run, moved);
            }
            catch (DbUpdateConcurrencyException) when (conflicts < ConflictsMax)
            {
                // Somebody else moved it between the read and the write: look again.
            }
        }
    }

    /// <summary>Takes the lease of an active run under a generation; null if the run moved on or another worker holds it.</summary>
    public async Task<RunRow?> ClaimAsync(RunId id, long generation, string worker, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var claimed = await db.Runs.FromSqlRaw(
            """
            UPDATE scheduler.runs SET lease_owner = @worker, lease_expires_at = now() + @lease
            WHERE id = @id AND generation = @generation AND phase IN ('admitted', 'provisioning', 'fetching', 'running')
              AND (lease_owner IS NULL OR lease_owner = @worker OR lease_expires_at < now())
            RETURNING *
            """,
            new NpgsqlParameter("worker", worker), new NpgsqlParameter("lease", lease), new NpgsqlParameter("id", id.Value), new NpgsqlParameter("generation", generation))
            .AsNoTracking().ToListAsync(cancellationToken);
        return claimed.SingleOrDefault();
    }

    /// <summary>Renews the leases of a worker; runs that are missing from the answer are no longer its own.</summary>
    public async Task<IReadOnlyDictionary<RunId, RunLease>> RenewAsync(
        string worker, IReadOnlyCollection<RunId> runs, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var renewed = await db.Runs.FromSqlRaw(
            """
            UPDATE scheduler.runs SET lease_expires_at = now() + @lease
            WHERE id = ANY(@ids) AND lease_owner = @worker AND phase <> 'concluded'
            RETURNING *
            """,
            new NpgsqlParameter("lease", lease), new NpgsqlParameter("ids", runs.Select(id => id.Value).ToArray()), new NpgsqlParameter("worker", worker))
            .AsNoTracking().ToListAsync(cancellationToken);
        return renewed.ToDictionary(run => run.Id, run => new RunLease(run.Generation, run.Ending));
    }

    /// <summary>Wakes whoever waits for runs that were committed by others than this store.</summary>
    public void Announce(IReadOnlyList<RunRow> made)
    {
        foreach (var run in made)
        {
            signals.RunMoved(run);
        }
    }

    /// <summary>Gives back what a stopping worker held, so that others need not wait for its leases to run out.</summary>
    public async Task ReleaseAsync(string worker, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        await db.Database.ExecuteSqlAsync(
            $"UPDATE scheduler.runs SET lease_expires_at = now() WHERE lease_owner = {worker} AND phase <> 'concluded'", cancellationToken);
    }
}

/// <summary>What a renewal says of a run.</summary>
/// <param name="Generation">The generation the lease stands under.</param>
/// <param name="Ending">How somebody wants the run to end, or null.</param>
internal sealed record RunLease(long Generation, RunConclusion? Ending);
