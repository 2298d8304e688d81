using AgentPlatform.ServiceDefaults.Failpoints;
using AgentPlatform.Streams;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Services.Scheduler.Hosts;
using Services.Scheduler.Loops;
using Services.Scheduler.Runs;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Admission;

/// <summary>
/// Chooses which runs go next, in one transaction: priority with ageing, then the repository with the fewest runs under way, then the
/// longest wait; within the limits and the room that hosts have, and never two runs of one workflow for one subject. A run without steps
/// needs no instance, and hence no room.
/// </summary>
internal sealed class AdmissionLoop(
    IServiceScopeFactory scopes, IOptionsMonitor<AdmissionOptions> options, RunSignals signals, LoopRegistry loops, TimeProvider time, ILogger<AdmissionLoop> logger)
    : Loop(TimeSpan.FromSeconds(2), signals.Admission, loops, time, logger)
{
    private const int BatchMax = 100;

    // Counting what is under way and adding to it must not interleave with another replica's: one admission at a time, which the lock says.
    private const string Lock = "SELECT pg_advisory_xact_lock(hashtextextended('agentplatform/admission', 0))";

    private const string Choose =
        """
        WITH active AS (
            SELECT forge, repository_id, subject, workflow, definition -> 'steps' <> '[]' AS placed FROM scheduler.runs WHERE phase IN ('admitted', 'provisioning', 'fetching', 'running')
        ), busy AS (
            SELECT forge, repository_id, count(*) AS runs FROM active GROUP BY forge, repository_id
        ), waiting AS (
            SELECT r.id, r.queued_at, r.definition -> 'steps' <> '[]' AS placed,
                   r.priority + floor(extract(epoch FROM now() - r.queued_at) / @ageing) AS rank,
                   coalesce(b.runs, 0) + row_number() OVER (
                       PARTITION BY r.forge, r.repository_id ORDER BY r.priority + floor(extract(epoch FROM now() - r.queued_at) / @ageing) DESC, r.queued_at, r.id) AS turn,
                   row_number() OVER (PARTITION BY r.forge, r.repository_id, r.subject, r.workflow ORDER BY r.queued_at, r.id) AS place
            FROM scheduler.runs r LEFT JOIN busy b USING (forge, repository_id)
            WHERE r.phase = 'queued' AND (r.not_before IS NULL OR r.not_before <= now())
              AND NOT EXISTS (SELECT 1 FROM active a WHERE a.forge = r.forge AND a.repository_id = r.repository_id AND a.subject = r.subject AND a.workflow = r.workflow)
        ), room AS (
            SELECT coalesce(sum(capacity), 0) - (SELECT count(*) FROM active WHERE placed) AS places FROM scheduler.hosts WHERE last_seen_at > now() - @silence
        ), ready AS (
            SELECT id, rank, turn, queued_at, placed, row_number() OVER (PARTITION BY placed ORDER BY rank DESC, turn, queued_at, id) AS number
            FROM waiting WHERE turn <= @perRepository AND place = 1
        ), chosen AS (
            SELECT id FROM ready WHERE NOT placed OR number <= (SELECT places FROM room)
            ORDER BY rank DESC, turn, queued_at, id
            LIMIT least(@batch, greatest(0, @active - (SELECT count(*) FROM active)))
        )
        SELECT r.* FROM scheduler.runs r JOIN chosen USING (id) FOR UPDATE OF r SKIP LOCKED
        """;

    private readonly TimeProvider _time = time;

    public override async Task<bool> PollOnceAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var admitted = await db.Database.CreateExecutionStrategy().ExecuteAsync(() => AdmitAsync(db, cancellationToken));
        if (admitted.Count > 0)
        {
            await Failpoint.PassAsync(FailpointNames.RunAdmitted);
            signals.Outbox.Raise();
        }

        foreach (var run in admitted)
        {
            signals.RunMoved(run);
        }

        return admitted.Count == BatchMax;
    }

    private async Task<List<RunRow>> AdmitAsync(SchedulerDbContext db, CancellationToken cancellationToken)
    {
        db.ChangeTracker.Clear();
        var limits = options.CurrentValue;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlRawAsync(Lock, cancellationToken);
        var chosen = await db.Runs.FromSqlRaw(
            Choose,
            new NpgsqlParameter("ageing", limits.Ageing.TotalSeconds),
            new NpgsqlParameter("perRepository", limits.ActivePerRepositoryMax),
            new NpgsqlParameter("active", limits.ActiveMax),
            new NpgsqlParameter("silence", HostRegistry.SilenceMax),
            new NpgsqlParameter("batch", BatchMax)).ToListAsync(cancellationToken);
        foreach (var run in chosen)
        {
            // The wait before another try was judged by Postgres' clock above; the machine need not judge it again by ours.
            if (RunMachine.Apply(run.State with { NotBefore = null }, new RunCommand.Admit(), _time.GetUtcNow()) is RunTransition.Moved moved)
            {
                RunChanges.Record(db, run, moved, _time.GetUtcNow());
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return chosen;
    }
}
