using AgentPlatform.Contracts;
using AgentPlatform.Streams;
using Microsoft.EntityFrameworkCore;
using Services.Scheduler.Loops;
using Services.Scheduler.Pipeline;
using Services.Scheduler.Runs;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Reconcile;

/// <summary>
/// Mends, from Postgres, what a death or an emptied Redis left behind: a run whose worker is gone goes to another, a run whose entry got
/// lost is put on the stream again, an instance that nobody removed is removed. It starts nothing that runs.
/// </summary>
internal sealed partial class ReconcileLoop(
    RunStore runs, Cleanup cleanup, IServiceScopeFactory scopes, RunSignals signals, LoopRegistry loops, TimeProvider time, ILogger<ReconcileLoop> logger)
    : Loop(TimeSpan.FromSeconds(2), new Signal(time), loops, time, logger)
{
    private const string Orphaned =
        "SELECT * FROM scheduler.runs WHERE lease_owner IS NOT NULL AND lease_expires_at < now() AND phase IN ('admitted', 'provisioning', 'fetching', 'running') LIMIT 100";

    // Ten seconds of grace: the worker that concluded it removes the instance itself.
    private const string Uncleaned =
        "SELECT * FROM scheduler.runs WHERE phase = 'concluded' AND cleaned_at IS NULL AND concluded_at < now() - interval '10 seconds' LIMIT 100";

    private const string Untaken =
        """
        SELECT r.* FROM scheduler.runs r
        WHERE r.phase IN ('admitted', 'provisioning', 'fetching', 'running') AND r.lease_owner IS NULL
          AND NOT EXISTS (SELECT 1 FROM scheduler.outbox o WHERE o.about = r.id)
          AND (SELECT max(e.time) FROM scheduler.run_events e WHERE e.run_id = r.id) < now() - interval '10 seconds'
        LIMIT 100
        """;

    private readonly TimeProvider _time = time;

    public override async Task<bool> PollOnceAsync(CancellationToken cancellationToken)
    {
        foreach (var run in await FindAsync(Orphaned, cancellationToken))
        {
            Log.Reassigned(logger, run.Id, run.Generation);
            await runs.ApplyAsync(run.Id, new RunCommand.Reassign("its worker gave no sign of life"), cancellationToken);
        }

        await RepublishAsync(cancellationToken);
        foreach (var run in await FindAsync(Uncleaned, cancellationToken))
        {
            await cleanup.TryAsync(run, cancellationToken);
        }

        return false;
    }

    /// <summary>Runs that a worker could take, and none has taken for a while: their entry may have gone with Redis. A second entry does no harm.</summary>
    private async Task RepublishAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var now = _time.GetUtcNow();
        var untaken = await db.Runs.FromSqlRaw(Untaken).AsNoTracking().ToListAsync(cancellationToken);
        foreach (var run in untaken)
        {
            Log.Republished(logger, run.Id, run.Generation);
            db.Outbox.Add(RunChanges.Work(run, now));
        }

        if (untaken.Count > 0)
        {
            await db.SaveChangesAsync(cancellationToken);
            signals.Outbox.Raise();
        }
    }

    private async Task<List<RunRow>> FindAsync(string query, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        return await db.Runs.FromSqlRaw(query).AsNoTracking().ToListAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(2501, LogLevel.Warning, "{Run} generation {Generation} goes to another worker")]
        public static partial void Reassigned(ILogger logger, RunId run, long generation);

        [LoggerMessage(2502, LogLevel.Warning, "{Run} generation {Generation} was not taken; its entry is published again")]
        public static partial void Republished(ILogger logger, RunId run, long generation);
    }
}
