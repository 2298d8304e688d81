using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Microsoft.EntityFrameworkCore;
using Services.Scheduler.Runs;
using Services.Scheduler.Steps;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Api;

/// <summary>Which runs are asked for; null asks for all.</summary>
internal sealed record RunFilter(string? Repository, int? PullRequest, RunPhase? Phase, RunConclusion? Conclusion, string? Workflow);

/// <summary>Reads the runs of one tenant.</summary>
internal sealed class RunQueries(SchedulerDbContext db, TimeProvider time)
{
    /// <summary>A page, newest first.</summary>
    public async Task<Page<RunSummary>> ListAsync(TenantId tenant, RunFilter filter, PageCursor? after, int limit, CancellationToken cancellationToken)
    {
        var rows = after is { } cursor
            ? db.Runs.FromSql($"SELECT * FROM scheduler.runs WHERE (queued_at, id) < ({cursor.At}, {cursor.Id})")
            : db.Runs;
        rows = rows.Where(row => row.TenantId == tenant);
        rows = filter.Repository is { } repository ? rows.Where(row => row.Repository == repository) : rows;
        rows = filter.PullRequest is { } number ? rows.Where(row => row.PullRequest == number) : rows;
        rows = filter.Phase is { } phase ? rows.Where(row => row.Phase == phase) : rows;
        rows = filter.Conclusion is { } conclusion ? rows.Where(row => row.Conclusion == conclusion) : rows;
        rows = filter.Workflow is { } workflow ? rows.Where(row => row.Workflow == workflow) : rows;

        var items = await rows.AsNoTracking().OrderByDescending(row => row.QueuedAt).ThenByDescending(row => row.Id).Take(limit + 1)
            .Select(RunViewing.Summary).ToListAsync(cancellationToken);
        return Page.Cut(items, limit, run => new PageCursor(run.QueuedAt, run.Id.Value));
    }

    /// <summary>One run, or null if the tenant has none of this id.</summary>
    public Task<RunRow?> FindAsync(TenantId tenant, RunId id, CancellationToken cancellationToken) =>
        db.Runs.AsNoTracking().SingleOrDefaultAsync(row => row.TenantId == tenant && row.Id == id, cancellationToken);

    /// <summary>Several runs, in the order of their workflows.</summary>
    public async Task<IReadOnlyList<RunRow>> FindAllAsync(TenantId tenant, IReadOnlyList<RunId> ids, CancellationToken cancellationToken) =>
        await db.Runs.AsNoTracking().Where(row => row.TenantId == tenant && ids.Contains(row.Id)).OrderBy(row => row.Id).ToListAsync(cancellationToken);

    public async Task<RunDetail> DescribeAsync(RunRow run, CancellationToken cancellationToken)
    {
        var steps = await StepsAsync(run.Id, cancellationToken);
        var findings = await db.Findings.AsNoTracking().Where(finding => finding.RunId == run.Id)
            .OrderBy(finding => finding.File).ThenBy(finding => finding.Line).ThenBy(finding => finding.Id)
            .Take(RunLimits.FindingsMax).ToListAsync(cancellationToken);
        return RunViewing.ToDetail(run, steps, findings);
    }

    /// <summary>The steps in order, with their stored logs.</summary>
    public async Task<IReadOnlyList<StepRow>> StepsAsync(RunId run, CancellationToken cancellationToken) =>
        await db.Steps.AsNoTracking().Where(step => step.RunId == run).OrderBy(step => step.Index).ToListAsync(cancellationToken);

    /// <summary>Counts, and the times that people wait.</summary>
    public async Task<RunStatistics> StatisticsAsync(TenantId tenant, string? repository, TimeSpan back, CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - back;
        var rows = db.Runs.AsNoTracking().Where(row => row.TenantId == tenant && row.QueuedAt >= since && (repository == null || row.Repository == repository));
        var phases = await rows.GroupBy(row => row.Phase).Select(group => new { group.Key, Count = group.LongCount() }).ToListAsync(cancellationToken);
        var conclusions = await rows.Where(row => row.Conclusion != null).GroupBy(row => row.Conclusion)
            .Select(group => new { group.Key, Count = group.LongCount() }).ToListAsync(cancellationToken);
        var times = await db.Database.SqlQuery<Percentiles>(
            $"""
            SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM admitted_at - queued_at)::float8) AS "WaitP50",
                   percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM admitted_at - queued_at)::float8) AS "WaitP95",
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM concluded_at - started_at)::float8) AS "RunP50",
                   percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM concluded_at - started_at)::float8) AS "RunP95"
            FROM scheduler.runs
            WHERE tenant_id = {tenant.Value} AND queued_at >= {since} AND ({repository}::text IS NULL OR repository = {repository})
            """).SingleAsync(cancellationToken);
        return new RunStatistics(
            since, phases.Sum(phase => phase.Count),
            phases.ToDictionary(phase => SnakeCaseName.Of(phase.Key), phase => phase.Count),
            conclusions.ToDictionary(conclusion => SnakeCaseName.Of(conclusion.Key!.Value), conclusion => conclusion.Count),
            times.WaitP50, times.WaitP95, times.RunP50, times.RunP95);
    }

    private sealed record Percentiles(double? WaitP50, double? WaitP95, double? RunP50, double? RunP95);
}
