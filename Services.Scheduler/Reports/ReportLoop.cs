using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.GitHub;
using AgentPlatform.Streams;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
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
    private const int AtATimeMax = 8;
    private const int FailuresMax = 20;
    private static readonly TimeSpan BackoffMax = TimeSpan.FromMinutes(5);

    /// <summary>How long a report stays with a writer that gives no sign of life. Prolonged three times as often.</summary>
    private static readonly TimeSpan ClaimMax = TimeSpan.FromSeconds(12);

    // The pause is also the claim: a report whose writer dies is taken again when it is over.
    private const string Claim =
        """
        UPDATE scheduler.runs SET report_not_before = now() + {1}
        WHERE id IN (
            SELECT id FROM scheduler.runs
            WHERE report <> 'settled' AND (report_not_before IS NULL OR report_not_before <= now())
              AND reported_status IS DISTINCT FROM CASE
                WHEN phase = 'concluded' THEN 'completed'
                WHEN phase = 'awaiting_approval' THEN 'action_required'
                WHEN phase <> 'queued' THEN 'in_progress'
                WHEN queued_at < now() - interval '3 seconds' THEN 'queued'
                ELSE reported_status END
            ORDER BY queued_at LIMIT {0} FOR UPDATE SKIP LOCKED)
        RETURNING *
        """;

    private readonly TimeProvider _time = time;

    public override async Task<bool> PollOnceAsync(CancellationToken cancellationToken)
    {
        if (!options.CurrentValue.IsConfigured)
        {
            return false;
        }

        List<RunRow> behind;
        await using (var scope = scopes.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
            behind = await db.Runs.FromSqlRaw(Claim, AtATimeMax, ClaimMax).AsNoTracking().ToListAsync(cancellationToken);
        }

        await Task.WhenAll(behind.Select(run => WriteAsync(run, cancellationToken)));
        return behind.Count > 0;
    }

    private async Task WriteAsync(RunRow run, CancellationToken cancellationToken)
    {
        using var written = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var holding = HoldAsync(run, written.Token);
        try
        {
            await writer.WriteAsync(run, cancellationToken);
        }
        catch (GitHubException error)
        {
            var hopeless = error.IsGone || run.ReportFailures + 1 >= FailuresMax;
            var backoff = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(run.ReportFailures, 8)));
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

    /// <summary>Prolongs the claim while the report is being written: the forge's pace may make that long.</summary>
    private async Task HoldAsync(RunRow run, CancellationToken written)
    {
        var until = run.ReportNotBefore;
        try
        {
            while (until is not null)
            {
                await Task.Delay(ClaimMax / 3, _time, written);
                await using var scope = scopes.CreateAsyncScope();
                var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();

                // Only the claim itself: what the writer noted when it was through stays.
                var prolonged = await db.Database.SqlQuery<DateTimeOffset>(
                    $"UPDATE scheduler.runs SET report_not_before = now() + {ClaimMax} WHERE id = {run.Id.Value} AND report_not_before = {until} RETURNING report_not_before")
                    .ToListAsync(written);
                until = prolonged.Count == 1 ? prolonged[0] : null;
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
