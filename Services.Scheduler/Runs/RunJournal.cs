using System.Collections.Concurrent;
using AgentPlatform.Contracts;
using Npgsql;
using NpgsqlTypes;

namespace Services.Scheduler.Runs;

/// <summary>
/// Writes transitions: row, event and outbox entry of each in one statement, under the version that it started from. Those that come
/// while another commit is on its way share the next one; one that cannot be written does not hurt its neighbours.
/// </summary>
internal sealed class RunJournal(NpgsqlDataSource source, TimeProvider time)
{
    private const int BatchMax = 64;
    private const int TriesMax = 7;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RetryDelayMax = TimeSpan.FromSeconds(10);

    // The rows are locked in one order, so that two writers never wait for each other. A lease is renewed under the same version: it is
    // let go here or left as it is.
    private const string Write =
        """
        WITH handed AS (
            SELECT * FROM unnest(@ids, @versions, @phases, @conclusions, @generations, @faults, @endings, @not_before, @hosts, @instances, @reasons, @releases,
                @admitted, @started, @concluded, @cleaned, @event_ids, @times, @kinds, @data, @work)
                AS h (id, version, phase, conclusion, generation, faults, ending, not_before, host, instance, reason, release,
                    admitted, started, concluded, cleaned, event_id, time, kind, data, work)
        ), held AS MATERIALIZED (
            SELECT h.* FROM scheduler.runs r JOIN handed h ON r.id = h.id AND r.version = h.version - 1 ORDER BY r.id FOR UPDATE OF r
        ), moved AS (
            UPDATE scheduler.runs r
            SET version = h.version, phase = h.phase, conclusion = h.conclusion, generation = h.generation, faults = h.faults, ending = h.ending,
                not_before = h.not_before, host = h.host, instance = h.instance, reason = h.reason, admitted_at = h.admitted, started_at = h.started,
                concluded_at = h.concluded, cleaned_at = coalesce(h.cleaned, r.cleaned_at),
                lease_owner = CASE WHEN NOT h.release THEN r.lease_owner END, lease_expires_at = CASE WHEN NOT h.release THEN r.lease_expires_at END
            FROM held h WHERE r.id = h.id AND r.version = h.version - 1
            RETURNING r.id, r.version, r.traceparent, r.tenant_id, r.owner_team, r.created_by
        ), told AS (
            INSERT INTO scheduler.run_events (run_id, sequence, id, generation, time, kind, data, traceparent, tenant_id, owner_team, created_by)
            SELECT m.id, m.version, h.event_id, h.generation, h.time, h.kind, h.data, m.traceparent, m.tenant_id, m.owner_team, m.created_by
            FROM moved m JOIN handed h ON h.id = m.id AND h.version = m.version
        ), queued AS (
            INSERT INTO scheduler.outbox (stream, kind, about, generation, data, traceparent, created_at, tenant_id, owner_team, created_by)
            SELECT @stream, @work_kind, m.id, h.generation, h.work, m.traceparent, h.time, m.tenant_id, m.owner_team, m.created_by
            FROM moved m JOIN handed h ON h.id = m.id AND h.version = m.version WHERE h.work IS NOT NULL
        )
        SELECT id, version FROM moved
        """;

    private readonly ConcurrentQueue<Pending> _waiting = new();
    private int _writing;

    /// <summary>Commits a transition.</summary>
    /// <returns>False if somebody else moved the run meanwhile; then nothing was written.</returns>
    public Task<bool> WriteAsync(RunChange change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var pending = new Pending(change);
        _waiting.Enqueue(pending);
        StartWriting();
        return pending.Written.Task.WaitAsync(cancellationToken);
    }

    private void StartWriting()
    {
        if (Interlocked.CompareExchange(ref _writing, 1, 0) == 0)
        {
            // The commit is shared, so it is part of nobody's trace alone and nobody's cancellation ends it.
            using var flow = ExecutionContext.SuppressFlow();
            _ = Task.Run(WriteAllAsync);
        }
    }

    private async Task WriteAllAsync()
    {
        while (Take() is { Count: > 0 } batch)
        {
            await WriteAsync(batch);
        }

        Volatile.Write(ref _writing, 0);
        if (!_waiting.IsEmpty)
        {
            StartWriting();
        }
    }

    private List<Pending> Take()
    {
        var batch = new List<Pending>();
        while (batch.Count < BatchMax && _waiting.TryDequeue(out var pending))
        {
            batch.Add(pending);
        }

        return batch;
    }

    private async Task WriteAsync(List<Pending> batch)
    {
        try
        {
            var written = await WriteUntilAnsweredAsync(batch.ConvertAll(pending => pending.Change));
            batch.ForEach(pending => pending.Written.TrySetResult(written.Contains((pending.Change.Run.Id.Value, pending.Change.Run.Version))));
        }
        catch (Exception) when (batch.Count > 1)
        {
            // One of them, nobody knows which: each goes alone, and only the culprit hears of it.
            foreach (var alone in batch)
            {
                await WriteAsync([alone]);
            }
        }
        catch (Exception error)
        {
            batch[0].Written.TrySetException(error);
        }
    }

    /// <summary>A database that restarts is waited for. A commit whose answer got lost shows as a run that moved, which its caller then reads again.</summary>
    private async Task<HashSet<(Guid, long)>> WriteUntilAnsweredAsync(List<RunChange> changes)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await WriteOnceAsync(changes);
            }
            catch (NpgsqlException error) when (error.IsTransient && tries < TriesMax)
            {
                var delay = RetryDelay * Math.Pow(2, tries - 1);
                await Task.Delay(delay < RetryDelayMax ? delay : RetryDelayMax, time);
            }
        }
    }

    private async Task<HashSet<(Guid, long)>> WriteOnceAsync(List<RunChange> changes)
    {
        await using var command = source.CreateCommand(Write);
        void Add<T>(string name, NpgsqlDbType type, Func<RunChange, T> value) => command.Parameters.Add(
            new NpgsqlParameter<T[]>(name, NpgsqlDbType.Array | type) { TypedValue = [.. changes.Select(value)] });

        Add("ids", NpgsqlDbType.Uuid, change => change.Run.Id.Value);
        Add("versions", NpgsqlDbType.Bigint, change => change.Run.Version);
        Add("phases", NpgsqlDbType.Text, change => SnakeCaseName.Of(change.Run.Phase));
        Add("conclusions", NpgsqlDbType.Text, change => Name(change.Run.Conclusion));
        Add("generations", NpgsqlDbType.Bigint, change => change.Run.Generation);
        Add("faults", NpgsqlDbType.Integer, change => change.Run.Faults);
        Add("endings", NpgsqlDbType.Text, change => Name(change.Run.Ending));
        Add("not_before", NpgsqlDbType.TimestampTz, change => change.Run.NotBefore);
        Add("hosts", NpgsqlDbType.Uuid, change => change.Run.Host?.Value);
        Add("instances", NpgsqlDbType.Uuid, change => change.Run.Instance?.Value);
        Add("reasons", NpgsqlDbType.Text, change => change.Run.Reason);
        Add("releases", NpgsqlDbType.Boolean, change => change.Run.LeaseOwner is null);
        Add("admitted", NpgsqlDbType.TimestampTz, change => change.Run.AdmittedAt);
        Add("started", NpgsqlDbType.TimestampTz, change => change.Run.StartedAt);
        Add("concluded", NpgsqlDbType.TimestampTz, change => change.Run.ConcludedAt);
        Add("cleaned", NpgsqlDbType.TimestampTz, change => change.Run.CleanedAt);
        Add("event_ids", NpgsqlDbType.Uuid, change => change.Event.Id.Value);
        Add("times", NpgsqlDbType.TimestampTz, change => change.Event.Time);
        Add("kinds", NpgsqlDbType.Text, change => change.Event.Kind);
        Add("data", NpgsqlDbType.Jsonb, change => change.Event.Data);
        Add("work", NpgsqlDbType.Jsonb, change => change.Work?.Data);
        command.Parameters.Add(new NpgsqlParameter<string>("stream", RunChanges.WorkStream));
        command.Parameters.Add(new NpgsqlParameter<string>("work_kind", RunChanges.WorkKind));

        var written = new HashSet<(Guid, long)>();
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
        {
            written.Add((row.GetGuid(0), row.GetInt64(1)));
        }

        return written;
    }

    private static string? Name<TEnum>(TEnum? value)
        where TEnum : struct, Enum => value is { } named ? SnakeCaseName.Of(named) : null;

    private sealed record Pending(RunChange Change)
    {
        public TaskCompletionSource<bool> Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
