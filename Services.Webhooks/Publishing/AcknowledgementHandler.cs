using AgentPlatform.Contracts;
using AgentPlatform.Streams;
using Npgsql;
using NpgsqlTypes;
using Services.Webhooks.Storage;

namespace Services.Webhooks.Publishing;

/// <summary>Settles deliveries whose outcome Scheduler has committed. An answer to an older attempt, or to a delivery that is not pending, changes nothing.</summary>
internal sealed class AcknowledgementHandler(NpgsqlDataSource source, WebhooksTelemetry telemetry) : IStreamHandler
{
    private const string Settle = """
        UPDATE webhooks.deliveries d SET state = a.state, settled_at = now(), cause = a.cause
        FROM unnest($1, $2, $3, $4) AS a (id, attempt, state, cause)
        WHERE d.id = a.id AND d.attempt = a.attempt AND d.state = 'pending'
        """;

    public async Task HandleAsync(IReadOnlyList<StreamEntry> entries, CancellationToken cancellationToken)
    {
        var acknowledgements = entries
            .Where(entry => entry.Envelope.Kind == IntakeStreams.AcknowledgementKind)
            .Select(entry => entry.Envelope.Read(IntakeJsonContext.Default.DeliveryAcknowledgement))
            .ToList();

        await using var command = source.CreateCommand(Settle);
        command.Parameters.Add(Array(NpgsqlDbType.Uuid, acknowledgements.Select(acknowledgement => acknowledgement.Delivery.Value)));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, acknowledgements.Select(acknowledgement => acknowledgement.Attempt)));
        command.Parameters.Add(Array(NpgsqlDbType.Text, acknowledgements.Select(acknowledgement => State(acknowledgement.Outcome))));
        command.Parameters.Add(Array(NpgsqlDbType.Text, acknowledgements.Select(acknowledgement => Cause(acknowledgement.Cause))));
        await command.ExecuteNonQueryAsync(cancellationToken);
        acknowledgements.ForEach(acknowledgement => telemetry.Settled(acknowledgement.Outcome));
    }

    private static string State(DeliveryOutcome outcome) => outcome switch
    {
        DeliveryOutcome.Handled => "handled",
        DeliveryOutcome.Ignored => "ignored",
        DeliveryOutcome.Failed => "failed",
        _ => throw new PoisonEntryException("The outcome is not known."),
    };

    // Postgres takes no NUL in a text.
    private static string? Cause(string? cause) => cause?.Replace('\0', ' ') is { } text ? text[..Math.Min(text.Length, DeliveryRow.CauseMax)] : null;

    private static NpgsqlParameter Array<T>(NpgsqlDbType type, IEnumerable<T> values) =>
        new NpgsqlParameter<T[]> { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | type };
}
