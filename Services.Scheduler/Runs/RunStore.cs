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
internal sealed class RunStore(IServiceScopeFactory scopes, RunJournal journal, RunSignals signals, TimeProvider time)
{
    private const int ConflictsMax = 10;

    public async Task<RunRow?> FindAsync(RunId id, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        return await db.Runs.AsNoTracking().SingleOrDefaultAsync(run => run.Id == id, cancellationToken);
    }

    /// <summary>Carries out a command.</summary>
    public Task<RunOutcome> ApplyAsync(RunId id, RunCommand command, CancellationToken cancellationToken) => ApplyAsync(id, null, command, cancellationToken);

    /// <summary>Carries out a command on a run that the caller has read; it is read again only if it moved since. The caller's row stays as it is.</summary>
    public Task<RunOutcome> ApplyAsync(RunRow known, RunCommand command, CancellationToken cancellationToken) =>
        ApplyAsync(known.Id, known.Copy(), command, cancellationToken);

    private async Task<RunOutcome> ApplyAsync(RunId id, RunRow? known, RunCommand command, CancellationToken cancellationToken)
    {
        for (var conflicts = 0; ; conflicts++)
        {
            var run = known ?? await FindAsync(id, cancellationToken);
            if (run is null)
            {
                return new RunOutcome(null, null);
            }

            var transition = RunMachine.Apply(run.State, command, time.GetUtcNow());
            if (transition is RunTransition.Moved moved)
            {
                var change = RunChanges.Apply(run, moved, time.GetUtcNow());
                if (await journal.WriteAsync(change, cancellationToken))
                {
                    if (change.Work is not null)
                    {
                        signals.Outbox.Raise();
                    }

                    signals.RunMoved(run);
                    return new RunOutcome(run, moved);
                }

                // Somebody else moved it between the read and the write: look again.
                if (conflicts == ConflictsMax)
                {
                    throw new DbUpdateConcurrencyException($"{id} moved {conflicts} times while it was to be changed.");
                }
            }
            else if (known is null)
            {
                return new RunOutcome(run, transition);
            }

            known = null;
        }
    }

    /// <summary>Takes the leases of active runs, each under its generation.</summary>
    /// <returns>Those that were to be had: the others moved on, or another worker holds them.</returns>
    public async Task<IReadOnlyList<RunRow>> ClaimAsync(IReadOnlyList<WorkEntry> entries, string worker, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        return await db.Runs.FromSqlRaw(
            """
            WITH wanted AS (
                SELECT DISTINCT * FROM unnest(@ids, @generations) AS w (id, generation)
            ), held AS MATERIALIZED (
                SELECT r.id FROM scheduler.runs r JOIN wanted w ON r.id = w.id AND r.generation = w.generation
                WHERE r.phase IN ('admitted', 'provisioning', 'fetching', 'running')
                  AND (r.lease_owner IS NULL OR r.lease_owner = @worker OR r.lease_expires_at < now())
                ORDER BY r.id FOR UPDATE OF r
            )
            UPDATE scheduler.runs r SET lease_owner = @worker, lease_expires_at = now() + @lease FROM held WHERE r.id = held.id
            RETURNING r.*
            """,
            new NpgsqlParameter("worker", worker), new NpgsqlParameter("lease", lease),
            new NpgsqlParameter("ids", entries.Select(entry => entry.Run.Value).ToArray()), new NpgsqlParameter("generations", entries.Select(entry => entry.Generation).ToArray()))
            .AsNoTracking().ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Renews the leases of a worker. Runs that are missing from the answer are another's. One that is nobody's is in it: only the transition by which its
    /// worker ends it, or gives it back, lets go of a lease, and that worker may not have heard yet that it is committed.
    /// </summary>
    public async Task<IReadOnlyDictionary<RunId, RunLease>> RenewAsync(
        string worker, IReadOnlyCollection<RunId> runs, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var held = await db.Runs.FromSqlRaw(
            """
            WITH held AS MATERIALIZED (
                SELECT * FROM scheduler.runs WHERE id = ANY(@ids) AND (lease_owner = @worker OR lease_owner IS NULL) ORDER BY id FOR UPDATE
            ), renewed AS (
                UPDATE scheduler.runs r SET lease_expires_at = now() + @lease FROM held WHERE r.id = held.id AND held.lease_owner IS NOT NULL
            )
            SELECT * FROM held
            """,
            new NpgsqlParameter("lease", lease), new NpgsqlParameter("ids", runs.Select(id => id.Value).ToArray()), new NpgsqlParameter("worker", worker))
            .AsNoTracking().ToListAsync(cancellationToken);
        return held.ToDictionary(run => run.Id, run => new RunLease(run.Generation, run.Ending));
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
            $"""
            WITH held AS MATERIALIZED (
                SELECT id FROM scheduler.runs WHERE lease_owner = {worker} AND phase <> 'concluded' ORDER BY id FOR UPDATE
            )
            UPDATE scheduler.runs r SET lease_expires_at = now() FROM held WHERE r.id = held.id
            """,
            cancellationToken);
    }
}

/// <summary>What a renewal says of a run.</summary>
/// <param name="Generation">The generation the lease stands under.</param>
/// <param name="Ending">How somebody wants the run to end, or null.</param>
internal sealed record RunLease(long Generation, RunConclusion? Ending);
