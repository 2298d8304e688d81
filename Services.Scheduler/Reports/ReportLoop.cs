using System.Collections.Concurrent;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.GitHub;
using AgentPlatform.Streams;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Services.Scheduler.GitHub;
using Services.Scheduler.Loops;
using Services.Scheduler.Runs;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Reports;

/// <summary>
/// Tells the forge what it has not been told, beside the pipeline and never in its way. A report that fails is tried again with
/// growing pauses, for as long as it can help.
/// </summary>
internal sealed partial class ReportLoop(
    ReportWriter writer, IServiceScopeFactory scopes, RunSignals signals, IOptionsMonitor<GitHubOptions> options, LoopRegistry loops, TimeProvider time, ILogger<ReportLoop> logger)
    : Loop(TimeSpan.FromSeconds(1), signals.Reports, loops, time, logger)
{
    private const int AtATimeMax = 32;

    /// <summary>Tries after which a refusal such as 422 is believed.</summary>
    private const int RefusalsMax = 20;

    /// <summary>The longest pause between two tries, unless GitHub asks for a longer one.</summary>
    private static readonly TimeSpan BackoffMax = TimeSpan.FromMinutes(5);

    /// <summary>How long a report stays with a writer that gives no sign of life. Prolonged three times as often.</summary>
    private static readonly TimeSpan ClaimMax = TimeSpan.FromSeconds(12);

    // The pause is also the claim: a report whose writer dies is taken again when it is over.
    // The answer is the rows as they were before: one that had no pause was never claimed, so nothing was sent for it.
    // A run that was admitted just now gets its first process before its check: the work has precedence over the word about it.
    private const string Claim =
        """
        WITH behind AS MATERIALIZED (
            SELECT * FROM scheduler.runs
            WHERE report <> 'settled' AND (report_not_before IS NULL OR report_not_before <= now())
              AND reported_status IS DISTINCT FROM CASE
                WHEN phase = 'concluded' THEN 'completed'
                WHEN phase = 'awaiting_approval' THEN 'action_required'
                WHEN phase <> 'queued' AND admitted_at < now() - interval '100 milliseconds' THEN 'in_progress'
                WHEN phase = 'queued' AND queued_at < now() - interval '3 seconds' THEN 'queued'
                ELSE reported_status END
            ORDER BY queued_at LIMIT {0} FOR UPDATE SKIP LOCKED
        ), claimed AS (
            UPDATE scheduler.runs r SET report_not_before = now() + {1} FROM behind WHERE r.id = behind.id
        )
        SELECT * FROM behind
        """;

    private const string Note =
        """
        WITH noted AS (
            SELECT * FROM unnest(@runs, @statuses, @checks, @comments) AS n (run, status, check_run, comment)
        ), held AS MATERIALIZED (
            SELECT n.* FROM scheduler.runs r JOIN noted n ON n.run = r.id ORDER BY r.id FOR UPDATE OF r
        )
        UPDATE scheduler.runs r
        SET report = CASE WHEN n.status = 'completed' THEN 'settled' ELSE 'posted' END, reported_status = n.status, check_run_id = n.check_run,
            comment_id = n.comment, report_failures = 0, report_not_before = now()
        FROM held n WHERE r.id = n.run
        """;

    // Only the claim itself: what the writer noted when it was through, or a failure, stays.
    private const string Prolong =
        """
        UPDATE scheduler.runs SET report_not_before = now() + @claim
        WHERE id = @run AND report_not_before > now() AND reported_status IS NOT DISTINCT FROM @status AND report_failures = @failures
        """;

    private readonly TimeProvider _time = time;
    private readonly ConcurrentQueue<ReportNote> _written = new();
    private readonly SemaphoreSlim _noting = new(1, 1);

    public override async Task<bool> PollOnceAsync(CancellationToken cancellationToken)
    {
        if (!options.CurrentValue.IsConfigured)
        {
            return false;
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var behind = await db.Runs.FromSqlRaw(Claim, AtATimeMax, ClaimMax).AsNoTracking().ToListAsync(cancellationToken);
        await Task.WhenAll(behind.Select(run => WriteAsync(run, cancellationToken)));
        return behind.Count > 0;
    }

    private async Task WriteAsync(RunRow run, CancellationToken cancellationToken)
    {
        using var written = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var holding = HoldAsync(run, written.Token);
        try
        {
            await NoteAsync(await writer.WriteAsync(run, cancellationToken), cancellationToken);
        }
        catch (GitHubException error)
        {
            var hopeless = IsHopeless(error, run.ReportFailures + 1);
            var backoff = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(run.ReportFailures, 9)));
            var wait = error.RetryAfter > backoff ? error.RetryAfter.Value : backoff < BackoffMax ? backoff : BackoffMax;
            Log.NotReported(logger, run.Id, error.Message, hopeless ? "given up" : $"again in {wait.TotalSeconds:0} s");
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
            await db.Runs.Where(row => row.Id == run.Id).ExecuteUpdateAsync(
                row => row
                    .SetProperty(item => item.ReportFailures, item => item.ReportFailures + 1)
                    .SetProperty(item => item.ReportNotBefore, _time.GetUtcNow() + wait)
                    .SetProperty(item => item.Report, item => hopeless ? ReportState.Settled : item.Report),
                cancellationToken);
        }
        finally
        {
            await written.CancelAsync();
            await holding;
        }
    }

    /// <summary>
    /// What was to be written to is gone, or what is written is refused for what it is. An outage, a limit or a missing right ends some time, and until then the
    /// check stands open.
    /// </summary>
    private static bool IsHopeless(GitHubException error, int failures) =>
        error.IsGone || (error.Category is FaultCategory.Permanent && failures >= RefusalsMax);

    /// <summary>Notes what was written. Those that end while a note is on its way share the next one.</summary>
    private async Task NoteAsync(ReportNote written, CancellationToken cancellationToken)
    {
        _written.Enqueue(written);
        await _noting.WaitAsync(cancellationToken);
        try
        {
            var notes = new List<ReportNote>();
            while (_written.TryDequeue(out var note))
            {
                notes.Add(note);
            }

            if (notes.Count > 0)
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<SchedulerDbContext>().Database.ExecuteSqlRawAsync(
                    Note,
                    [
                        new NpgsqlParameter("runs", notes.ConvertAll(note => note.Run.Value)),
                        new NpgsqlParameter("statuses", notes.ConvertAll(note => SnakeCaseName.Of(note.Status))),
                        new NpgsqlParameter("checks", NpgsqlDbType.Array | NpgsqlDbType.Bigint) { Value = notes.ConvertAll(note => note.Check) },
                        new NpgsqlParameter("comments", NpgsqlDbType.Array | NpgsqlDbType.Bigint) { Value = notes.ConvertAll(note => note.Comment) },
                    ],
                    cancellationToken);
            }
        }
        finally
        {
            _noting.Release();
        }
    }

    public override void Dispose()
    {
        _noting.Dispose();
        base.Dispose();
    }

    /// <summary>Prolongs the claim while the report is being written: the forge's pace may make that long.</summary>
    private async Task HoldAsync(RunRow run, CancellationToken written)
    {
        try
        {
            for (var held = 1; held > 0;)
            {
                await Task.Delay(ClaimMax / 3, _time, written);
                await using var scope = scopes.CreateAsyncScope();
                held = await scope.ServiceProvider.GetRequiredService<SchedulerDbContext>().Database.ExecuteSqlRawAsync(
                    Prolong,
                    [
                        new NpgsqlParameter("run", run.Id.Value),
                        new NpgsqlParameter("claim", ClaimMax),
                        new NpgsqlParameter("status", NpgsqlDbType.Text) { Value = run.ReportedStatus is { } status ? SnakeCaseName.Of(status) : DBNull.Value },
                        new NpgsqlParameter("failures", run.ReportFailures),
                    ],
                    written);
            }
        }
        catch (OperationCanceledException) when (written.IsCancellationRequested)
        {
            // The report is written, or given up.
        }
        catch (Exception error) when (error is System.Data.Common.DbException or InvalidOperationException)
        {
            Log.NotProlonged(logger, run.Id, error);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2401, LogLevel.Warning, "{Run} could not be reported: {Reason}; {Next}")]
        public static partial void NotReported(ILogger logger, RunId run, string reason, string next);

        [LoggerMessage(2402, LogLevel.Warning, "The claim on the report of {Run} could not be prolonged; another writer may take it")]
        public static partial void NotProlonged(ILogger logger, RunId run, Exception error);
    }
}
