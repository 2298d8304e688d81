using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts;

/// <summary>Where a delivery stands.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<DeliveryState>))]
public enum DeliveryState
{
    /// <summary>Committed, and not acknowledged yet.</summary>
    Pending,

    /// <summary>Scheduler has made its effect durable.</summary>
    Handled,

    /// <summary>There was nothing to do.</summary>
    Ignored,

    /// <summary>It was given up. Redelivered or replayed, it runs again.</summary>
    Failed,

    /// <summary>The same body had come shortly before under another GUID; kept, and not worked on.</summary>
    Duplicate,
}

/// <summary>How a delivery came in.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<DeliverySource>))]
public enum DeliverySource
{
    /// <summary>The forge sent it, signed.</summary>
    Webhook,

    /// <summary>It was read from the forge's list of deliveries.</summary>
    HookApi,
}

/// <summary>A stored delivery, as <c>/api/v1/deliveries</c> shows it. The payload is not part of it.</summary>
/// <param name="Id">The delivery.</param>
/// <param name="ForgeGuid">The forge's GUID for it.</param>
/// <param name="Event">The event's name.</param>
/// <param name="Action">What happened.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Source">How it came in.</param>
/// <param name="Attempt">How often it was given to Scheduler anew, from 1: a redelivery after a failure and a replay count.</param>
/// <param name="ReceivedAt">When it was committed, by the database's clock.</param>
/// <param name="SettledAt">When it was acknowledged or given up.</param>
/// <param name="Cause">Why it failed or was ignored.</param>
/// <param name="InstallationId">The GitHub App's installation.</param>
/// <param name="RepositoryId">The repository.</param>
/// <param name="Repository">Its name at that time.</param>
/// <param name="PullRequest">The pull request's number.</param>
/// <param name="HeadSha">The commit in question.</param>
/// <param name="DuplicateOf">For a duplicate, the delivery with the same body.</param>
/// <param name="PayloadBytes">The size of the payload as it was sent.</param>
/// <param name="TraceId">The trace that it began.</param>
public sealed record Delivery(
    DeliveryId Id,
    [property: JsonPropertyName("guid")] Guid ForgeGuid,
    string Event,
    string? Action,
    DeliveryState State,
    DeliverySource Source,
    int Attempt,
    [property: JsonConverter(typeof(UtcMicrosecondsJsonConverter))] DateTimeOffset ReceivedAt,
    DateTimeOffset? SettledAt,
    string? Cause,
    long? InstallationId,
    long? RepositoryId,
    string? Repository,
    long? PullRequest,
    string? HeadSha,
    DeliveryId? DuplicateOf,
    int PayloadBytes,
    string? TraceId);
