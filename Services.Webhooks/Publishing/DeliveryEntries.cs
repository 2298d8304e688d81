using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.GitHub;
using Microsoft.Extensions.Options;
using Services.Webhooks.Payloads;
using Services.Webhooks.Storage;

namespace Services.Webhooks.Publishing;

/// <summary>Writes deliveries as entries of the intake stream.</summary>
internal sealed class DeliveryEntries(IOptions<GitHubOptions> github, TimeProvider time)
{
    /// <summary>The entry of a delivery that was just stored.</summary>
    public ReadOnlyMemory<byte> Encode(NewDelivery delivery, StoreResult stored) => Encode(
        Received(stored.Id, delivery.DeliveryGuid, delivery.Event, delivery.Facts), stored.Attempt, Ownership.DefaultTenant, null, delivery.CreatedBy, delivery.ArrivedAt, delivery.Traceparent);

    /// <summary>The entry of a delivery that was stored earlier, read from its payload again.</summary>
    public ReadOnlyMemory<byte> Encode(DeliveryRow row) => Encode(
        Received(row.Id, row.DeliveryGuid, row.Event, DeliveryBody.Facts(row)), row.Attempt, row.TenantId, row.OwnerTeam, row.CreatedBy, row.ReceivedAt, row.Traceparent);

    private ReadOnlyMemory<byte> Encode(
        DeliveryReceived data, int attempt, TenantId tenant, TeamId? team, string createdBy, DateTimeOffset at, string? traceparent)
    {
        var envelope = new DeliveryEnvelope(
            EnvelopeId.New(time), Sequence: 0, attempt, SchemaVersion: 1, at, traceparent, IntakeStreams.DeliveryKind, new Ownership(tenant, team, createdBy), data);
        return JsonSerializer.SerializeToUtf8Bytes(envelope, DeliveryEnvelopeJsonContext.Default.DeliveryEnvelope);
    }

    private DeliveryReceived Received(DeliveryId id, Guid guid, string name, PayloadFacts facts) => new(
        id, guid, name, facts.Action, github.Value.Forge, facts.InstallationId, facts.RepositoryId, facts.Repository, facts.PullRequest, facts.HeadSha, facts.BaseSha,
        facts.Ref, facts.Sender, facts.CommentId, facts.CheckRunId, facts.CheckSuiteId, facts.ExternalId, facts.RequestedAction, facts.Label);
}
