using System.Data;
using AgentPlatform.Contracts;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Services.Webhooks.Publishing;
using Services.Webhooks.Receiving;

namespace Services.Webhooks.Storage;

/// <summary>Writes deliveries, many in one statement, which is one transaction and one round trip. When it returns, they are on disk.</summary>
internal sealed class DeliveryStore(NpgsqlDataSource source, IOptions<WebhookOptions> options, IOptions<PublishingOptions> publishing) : IAsyncDisposable
{
    /// <summary>
    /// A delivery is claimed by GUID and body. One that exists is returned only if it had failed, which makes it pending again; one whose body came
    /// shortly before under another GUID is kept, without being work.
    /// </summary>
    private const string Insert = """
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
            ORDER BY p.received_at LIMIT 1) earlier ON true
        ON CONFLICT (body_hash, delivery_guid) DO UPDATE SET
            state = 'pending', attempt = d.attempt + 1, republished = 0, publish_at = now() + $18, settled_at = NULL, cause = NULL, traceparent = excluded.traceparent
            WHERE d.state = 'failed'
        RETURNING d.id, d.attempt, d.state, d.delivery_guid, d.body_hash
        """;

    private const string Existing = """
        SELECT d.id, d.delivery_guid, d.body_hash FROM webhooks.deliveries d
        JOIN unnest($1, $2) AS i (delivery_guid, body_hash) ON d.body_hash = i.body_hash AND d.delivery_guid = i.delivery_guid
        """;

    private NpgsqlConnection? _connection;

    /// <summary>Stores deliveries that differ in GUID or body. The answers are in the same order.</summary>
    public async Task<IReadOnlyList<StoreResult>> StoreAsync(IReadOnlyList<NewDelivery> deliveries, CancellationToken cancellationToken)
    {
        try
        {
            return await StoreOnceAsync(deliveries, cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException { IsTransient: true } && !cancellationToken.IsCancellationRequested)
        {
            // The connection may have been dead for long. Should the first attempt have been committed after all, the second finds its own rows.
            await CloseAsync();
            return await StoreOnceAsync(deliveries, cancellationToken);
        }
        catch
        {
            await CloseAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async Task<IReadOnlyList<StoreResult>> StoreOnceAsync(IReadOnlyList<NewDelivery> deliveries, CancellationToken cancellationToken)
    {
        var connection = _connection ??= await OpenAsync(cancellationToken);
        var stored = new Dictionary<(Guid Guid, UInt128 Hash), StoreResult>(deliveries.Count);
        await using (var command = Command(connection, deliveries))
        {
            await command.PrepareAsync(cancellationToken);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var outcome = reader.GetString(2) == "pending" ? StoreOutcome.Accepted : StoreOutcome.Copy;
                stored[(reader.GetGuid(3), Fold(reader.GetFieldValue<byte[]>(4)))] = new StoreResult(outcome, DeliveryId.From(reader.GetGuid(0)), reader.GetInt32(1));
            }
        }

        if (stored.Count < deliveries.Count)
        {
            await AddExistingAsync(connection, [.. deliveries.Where(delivery => !stored.ContainsKey(Key(delivery)))], stored, cancellationToken);
        }

        return [.. deliveries.Select(delivery => stored[Key(delivery)])];
    }

    private static async Task AddExistingAsync(
        NpgsqlConnection connection, IReadOnlyList<NewDelivery> missing, Dictionary<(Guid, UInt128), StoreResult> stored, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Existing, connection);
        command.Parameters.Add(Array(NpgsqlDbType.Uuid, missing.Select(delivery => delivery.DeliveryGuid)));
        command.Parameters.Add(Array(NpgsqlDbType.Bytea, missing.Select(delivery => delivery.BodyHash)));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ours = missing.Select(delivery => delivery.Id).ToHashSet();
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = DeliveryId.From(reader.GetGuid(0));
            stored[(reader.GetGuid(1), Fold(reader.GetFieldValue<byte[]>(2)))] = new StoreResult(ours.Contains(id) ? StoreOutcome.Accepted : StoreOutcome.Duplicate, id, 1);
        }
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, IReadOnlyList<NewDelivery> deliveries)
    {
        // The first with a body stands for later ones in the same commit, which the statement cannot see.
        var firsts = new Dictionary<UInt128, NewDelivery>(deliveries.Count);
        Guid? DuplicateOf(NewDelivery delivery) =>
            firsts.TryAdd(Fold(delivery.BodyHash), delivery) || options.Value.CopyWindow == TimeSpan.Zero ? null : firsts[Fold(delivery.BodyHash)].Id.Value;

        var command = new NpgsqlCommand(Insert, connection);
        var parameters = command.Parameters;
        parameters.Add(Array(NpgsqlDbType.Uuid, deliveries.Select(delivery => delivery.Id.Value)));
        parameters.Add(Array(NpgsqlDbType.Uuid, deliveries.Select(delivery => delivery.DeliveryGuid)));
        parameters.Add(Array(NpgsqlDbType.Bytea, deliveries.Select(delivery => delivery.BodyHash)));
        parameters.Add(Array(NpgsqlDbType.Bytea, deliveries.Select(delivery => delivery.Body)));
        parameters.Add(Array(NpgsqlDbType.Integer, deliveries.Select(delivery => delivery.BodyLength)));
        parameters.Add(Array(NpgsqlDbType.Text, deliveries.Select(delivery => delivery.Format == PayloadFormat.Json ? "json" : "form")));
        parameters.Add(Array(NpgsqlDbType.Text, deliveries.Select(delivery => delivery.Source == DeliverySource.Webhook ? "webhook" : "hook_api")));
        parameters.Add(Array(NpgsqlDbType.Text, deliveries.Select(delivery => delivery.Event)));
        parameters.Add(Array(NpgsqlDbType.Text, deliveries.Select(delivery => delivery.Facts.Action)));
        parameters.Add(Array(NpgsqlDbType.Bigint, deliveries.Select(delivery => delivery.Facts.InstallationId)));
        parameters.Add(Array(NpgsqlDbType.Bigint, deliveries.Select(delivery => delivery.Facts.RepositoryId)));
        parameters.Add(Array(NpgsqlDbType.Text, deliveries.Select(delivery => delivery.Facts.Repository)));
        parameters.Add(Array(NpgsqlDbType.Bigint, deliveries.Select(delivery => delivery.Facts.PullRequest)));
        parameters.Add(Array(NpgsqlDbType.Text, deliveries.Select(delivery => delivery.Facts.HeadSha)));
        parameters.Add(Array(NpgsqlDbType.Text, deliveries.Select(delivery => delivery.CreatedBy)));
        parameters.Add(Array(NpgsqlDbType.Text, deliveries.Select(delivery => delivery.Traceparent)));
        parameters.Add(Array(NpgsqlDbType.Uuid, deliveries.Select(DuplicateOf)));
        parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = publishing.Value.RepublishAfter });
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Ownership.DefaultTenant.Value });
        parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.CopyWindow });
        return command;
    }

    /// <summary>A session that writes deliveries.</summary>
    internal async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        try
        {
            // Whatever the server's default is: an answer of 202 means that the delivery survives a crash. And a plan made while the table
            // was empty must not read the whole of it once it has grown: this connection only ever looks rows up by key.
            await using var command = new NpgsqlCommand("SET synchronous_commit = on; SET enable_seqscan = off", connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task CloseAsync()
    {
        var connection = _connection;
        _connection = null;
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    private static NpgsqlParameter Array<T>(NpgsqlDbType type, IEnumerable<T> values) =>
        new NpgsqlParameter<T[]> { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | type };

    private static (Guid Guid, UInt128 Hash) Key(NewDelivery delivery) => (delivery.DeliveryGuid, Fold(delivery.BodyHash));

    // Half of a SHA-256 tells the bodies of one commit apart as well as the whole does.
    private static UInt128 Fold(byte[] hash) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
}
