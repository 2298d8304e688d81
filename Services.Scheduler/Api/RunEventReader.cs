using System.Text;
using System.Text.Json;
using AgentPlatform.Contracts;
using Microsoft.EntityFrameworkCore;
using Services.Scheduler.Runs;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Api;

/// <summary>An event of a run, ready to be written to any number of readers.</summary>
/// <param name="Sequence">Its number.</param>
/// <param name="Frame">The whole server-sent event: its id is the sequence, its data the envelope.</param>
/// <param name="IsLast">Whether nothing follows it: the run is concluded.</param>
internal sealed record RunEventFrame(long Sequence, ReadOnlyMemory<byte> Frame, bool IsLast);

/// <summary>Reads events of runs from where they are kept.</summary>
internal sealed class RunEventReader(IServiceScopeFactory scopes)
{
    /// <summary>The kind of a run's last event.</summary>
    public const string LastKind = "run.concluded";

    /// <summary>Neighbours behind a sequence.</summary>
    public async Task<IReadOnlyList<RunEventRow>> PageAsync(RunId run, long after, int max, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        return await db.RunEvents.AsNoTracking().Where(row => row.RunId == run && row.Sequence > after).OrderBy(row => row.Sequence).Take(max).ToListAsync(cancellationToken);
    }

    /// <summary>What is new for several runs, by one query.</summary>
    /// <param name="heads">The runs, each with the last sequence that is known.</param>
    /// <param name="max">The most events altogether.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<RunEventRow>> NewsAsync(IReadOnlyDictionary<RunId, long> heads, int max, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var (ids, sequences) = (heads.Keys.Select(id => id.Value).ToArray(), heads.Values.ToArray());
        return await db.RunEvents.FromSql(
            $"""
            SELECT e.* FROM scheduler.run_events e
            JOIN unnest({ids}, {sequences}) AS watched (id, head) ON e.run_id = watched.id AND e.sequence > watched.head
            ORDER BY e.run_id, e.sequence LIMIT {max}
            """).AsNoTracking().ToListAsync(cancellationToken);
    }

    public static EventEnvelope Envelope(RunEventRow row)
    {
        using var data = JsonDocument.Parse(row.Data);
        return new EventEnvelope(
            row.Id, row.Sequence, row.Generation, SchemaVersion: 1, row.Time, row.Traceparent, row.Kind,
            new Ownership(row.TenantId, row.OwnerTeam, row.CreatedBy), data.RootElement.Clone());
    }

    public static RunEventFrame Frame(RunEventRow row)
    {
        var json = JsonSerializer.Serialize(Envelope(row), ContractsJsonContext.Default.EventEnvelope);
        return new RunEventFrame(row.Sequence, Encoding.UTF8.GetBytes(string.Create(null, $"id: {row.Sequence}\ndata: {json}\n\n")), row.Kind == LastKind);
    }
}
