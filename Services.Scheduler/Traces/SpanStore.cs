using System.Text.Json;
using AgentPlatform.Contracts.Runs;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Traces;

/// <summary>The spans that are kept with runs. Which trace is a run's, <c>runs.traceparent</c> says.</summary>
internal sealed class SpanStore(IServiceScopeFactory scopes)
{
    private const string Known =
        "SELECT DISTINCT substr(traceparent, 4, 32) AS \"Value\" FROM scheduler.runs WHERE traceparent IS NOT NULL AND substr(traceparent, 4, 32) = ANY(@ids)";

    // A span's end takes the place of its beginning, in whichever order they come.
    private const string Insert =
        """
        WITH handed AS (
            SELECT * FROM jsonb_to_recordset(@spans) AS s (
                "traceId" text, "spanId" text, "parentSpanId" text, "service" text, "name" text, "kind" text, "status" text,
                "startedAt" timestamptz, "endedAt" timestamptz, "attributes" jsonb)
        ), theirs AS (
            SELECT r.*, (SELECT count(*) FROM scheduler.spans k WHERE k.run_id = r.id) AS held
            FROM scheduler.runs r WHERE r.traceparent IS NOT NULL AND substr(r.traceparent, 4, 32) IN (SELECT "traceId" FROM handed)
        )
        INSERT INTO scheduler.spans (run_id, trace_id, span_id, parent_span_id, service, name, kind, status, started_at, ended_at, attributes, tenant_id, owner_team, created_by)
        SELECT r.id, s."traceId", s."spanId", s."parentSpanId", s."service", s."name", s."kind", s."status", s."startedAt", s."endedAt",
               coalesce(s."attributes", jsonb_build_object()), r.tenant_id, r.owner_team, r.created_by
        FROM handed s JOIN theirs r ON substr(r.traceparent, 4, 32) = s."traceId" AND r.held < @max
        ON CONFLICT (run_id, trace_id, span_id) DO UPDATE
        SET name = EXCLUDED.name, status = EXCLUDED.status, ended_at = EXCLUDED.ended_at, attributes = EXCLUDED.attributes
        WHERE EXCLUDED.ended_at IS NOT NULL
        """;

    // Half a minute of grace: the last spans of a run are still on their way when it is concluded.
    private const string Close =
        """
        UPDATE scheduler.spans s SET ended_at = greatest(r.concluded_at, s.started_at), status = 'unfinished'
        FROM scheduler.runs r WHERE r.id = s.run_id AND s.ended_at IS NULL AND r.phase = 'concluded' AND r.concluded_at < now() - interval '30 seconds'
        """;

    /// <summary>Keeps the spans that belong to a run.</summary>
    /// <returns>The others: of no run, or of one that is not there yet.</returns>
    public async Task<IReadOnlyList<SpanRecord>> KeepAsync(IReadOnlyList<SpanRecord> spans, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var ids = spans.Select(span => span.TraceId).Distinct().ToArray();
        var known = (await db.Database.SqlQueryRaw<string>(Known, new NpgsqlParameter("ids", ids)).ToListAsync(cancellationToken)).ToHashSet();
        if (known.Count > 0)
        {
            // One statement writes a row once: where beginning and end come together, the end counts.
            var theirs = spans.Where(span => known.Contains(span.TraceId)).GroupBy(span => (span.TraceId, span.SpanId))
                .Select(same => same.FirstOrDefault(span => span.EndedAt is not null) ?? same.First()).ToList();
            var json = JsonSerializer.Serialize(theirs, SpansJsonContext.Default.ListSpanRecord);
            await db.Database.ExecuteSqlRawAsync(
                Insert, [new NpgsqlParameter("spans", NpgsqlDbType.Jsonb) { Value = json }, new NpgsqlParameter("max", RunLimits.SpansMax)], cancellationToken);
        }

        return [.. spans.Where(span => !known.Contains(span.TraceId))];
    }

    /// <summary>Ends what its process did not live to end.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<SchedulerDbContext>().Database.ExecuteSqlRawAsync(Close, cancellationToken);
    }
}
