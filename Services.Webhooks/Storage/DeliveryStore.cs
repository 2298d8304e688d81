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
    private const string Existing = """
        SELECT d.id, d.delivery_guid, d.body_hash FROM webhooks.deliveries d
        JOIN unnest($1, $2) AS i (delivery_guid, body_hash) ON d.body_hash = i.body_hash AND d.delivery_guid = i.delivery_guid
        """;

    private NpgsqlConnection? _connection;
    private InsertCommand? _insert;

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
        _insert ??= await InsertCommand.PrepareAsync(connection, options.Value.CopyWindow, publishing.Value.RepublishAfter, cancellationToken);
        var stored = new Dictionary<(Guid Guid, UInt128 Hash), StoreResult>(deliveries.Count);
        _insert.Fill(deliveries);
        await using (var reader = await _insert.Command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var outcome = reader.GetBoolean(2) ? StoreOutcome.Accepted : StoreOutcome.Copy;
                stored[(reader.GetGuid(3), Fold(reader.GetFieldValue<byte[]>(4)))] = new StoreResult(outcome, DeliveryId.From(reader.GetGuid(0)), reader.GetInt32(1));
            }
        }

        if (stored.Count < deliveries.Count)
        {
            await AddExistingAsync(connection, [.. deliveries.Where(delivery => !stored.ContainsKey(Key(delivery)))], stored, cancellationToken);
        }

        var results = new StoreResult[deliveries.Count];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = stored[Key(deliveries[i])];
        }

        return results;
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
        (_connection, _insert) = (null, null);
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    private static NpgsqlParameter<T[]> Array<T>(NpgsqlDbType type, IEnumerable<T> values) =>
        new NpgsqlParameter<T[]> { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | type };

    private static (Guid Guid, UInt128 Hash) Key(NewDelivery delivery) => (delivery.DeliveryGuid, Fold(delivery.BodyHash));

    // Half of a SHA-256 tells the bodies of one commit apart as well as the whole does.
    internal static UInt128 Fold(byte[] hash) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
}
