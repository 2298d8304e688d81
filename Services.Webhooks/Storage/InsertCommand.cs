using AgentPlatform.Contracts;
using Npgsql;
using NpgsqlTypes;
using Services.Webhooks.Receiving;

namespace Services.Webhooks.Storage;

/// <summary>The statement that stores deliveries, prepared once for a connection and filled anew for each commit.</summary>
internal sealed class InsertCommand
{
    /// <summary>
    /// A delivery is claimed by GUID and body. One that exists is returned only if it had failed, which makes it pending again; one whose body came
    /// shortly before under another GUID is kept, without being work.
    /// </summary>
    private const string Sql = """
        INSERT INTO webhooks.deliveries AS d (
            id, delivery_guid, body_hash, body, body_length, format, source, event, action, installation_id, repository_id, repository, pull_request, head_sha,
            created_by, traceparent, duplicate_of, state, attempt, republished, received_at, publish_at, tenant_id)
        SELECT i.id, i.delivery_guid, i.body_hash, i.body, i.body_length, i.format, i.source, i.event, i.action, i.installation_id, i.repository_id, i.repository,
            i.pull_request, i.head_sha, i.created_by, i.traceparent, coalesce(i.duplicate_of, earlier.id),
            CASE WHEN coalesce(i.duplicate_of, earlier.id) IS NULL THEN 'pending' ELSE 'duplicate' END, 1, 0, now(), now() + $18, $19
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) AS i (
            id, delivery_guid, body_hash, body, body_length, format, source, event, action, installation_id, repository_id, repository, pull_request, head_sha,
            created_by, traceparent, duplicate_of)
        LEFT JOIN LATERAL (
            SELECT p.id FROM webhooks.deliveries p
            WHERE p.body_hash = i.body_hash AND p.delivery_guid <> i.delivery_guid AND p.state NOT IN ('failed', 'duplicate') AND p.received_at > now() - $20
            LIMIT 1) earlier ON true
        ON CONFLICT (body_hash, delivery_guid) DO UPDATE SET
            state = 'pending', attempt = d.attempt + 1, republished = 0, publish_at = now() + $18, settled_at = NULL, cause = NULL, traceparent = excluded.traceparent
            WHERE d.state = 'failed'
        RETURNING d.id, d.attempt, d.state = 'pending', d.delivery_guid, d.body_hash
        """;

    private readonly List<Action<IReadOnlyList<NewDelivery>>> _columns = [];
    private readonly bool _copiesCount;

    private InsertCommand(NpgsqlConnection connection, TimeSpan copyWindow, TimeSpan republishAfter)
    {
        _copiesCount = copyWindow > TimeSpan.Zero;
        Command = new NpgsqlCommand(Sql, connection);
        Add(NpgsqlDbType.Uuid, delivery => delivery.Id.Value);
        Add(NpgsqlDbType.Uuid, delivery => delivery.DeliveryGuid);
        Add(NpgsqlDbType.Bytea, delivery => delivery.BodyHash);
        Add(NpgsqlDbType.Bytea, delivery => delivery.Body);
        Add(NpgsqlDbType.Integer, delivery => delivery.BodyLength);
        Add(NpgsqlDbType.Text, delivery => delivery.Format == PayloadFormat.Json ? "json" : "form");
        Add(NpgsqlDbType.Text, delivery => delivery.Source == DeliverySource.Webhook ? "webhook" : "hook_api");
        Add(NpgsqlDbType.Text, delivery => delivery.Event);
        Add(NpgsqlDbType.Text, delivery => delivery.Facts.Action);
        Add(NpgsqlDbType.Bigint, delivery => delivery.Facts.InstallationId);
        Add(NpgsqlDbType.Bigint, delivery => delivery.Facts.RepositoryId);
        Add(NpgsqlDbType.Text, delivery => delivery.Facts.Repository);
        Add(NpgsqlDbType.Bigint, delivery => delivery.Facts.PullRequest);
        Add(NpgsqlDbType.Text, delivery => delivery.Facts.HeadSha);
        Add(NpgsqlDbType.Text, delivery => delivery.CreatedBy);
        Add(NpgsqlDbType.Text, delivery => delivery.Traceparent);
        Add<Guid?>(NpgsqlDbType.Uuid, DuplicatesOf);
        Command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = republishAfter });
        Command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Ownership.DefaultTenant.Value });
        Command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = copyWindow });
    }

    public NpgsqlCommand Command { get; }

    public static async Task<InsertCommand> PrepareAsync(NpgsqlConnection connection, TimeSpan copyWindow, TimeSpan republishAfter, CancellationToken cancellationToken)
    {
        var insert = new InsertCommand(connection, copyWindow, republishAfter);
        insert.Fill([]);
        await insert.Command.PrepareAsync(cancellationToken);
        return insert;
    }

    /// <summary>Puts in the deliveries of the next commit.</summary>
    public void Fill(IReadOnlyList<NewDelivery> deliveries) => _columns.ForEach(fill => fill(deliveries));

    private void Add<T>(NpgsqlDbType type, Func<NewDelivery, T> value) => Add<T>(type, (deliveries, column) =>
    {
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(deliveries[i]);
        }
    });

    private void Add<T>(NpgsqlDbType type, Action<IReadOnlyList<NewDelivery>, T[]> fill)
    {
        var parameter = new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | type };
        Command.Parameters.Add(parameter);
        _columns.Add(deliveries =>
        {
            var column = new T[deliveries.Count];
            fill(deliveries, column);
            parameter.TypedValue = column;
        });
    }

    /// <summary>The first with a body stands for later ones in the same commit, which the statement cannot see.</summary>
    private void DuplicatesOf(IReadOnlyList<NewDelivery> deliveries, Guid?[] column)
    {
        if (!_copiesCount)
        {
            return;
        }

        var firsts = new Dictionary<UInt128, Guid>(column.Length);
        for (var i = 0; i < column.Length; i++)
        {
            var hash = DeliveryStore.Fold(deliveries[i].BodyHash);
            column[i] = firsts.TryAdd(hash, deliveries[i].Id.Value) ? null : firsts[hash];
        }
    }
}
