using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts;

/// <summary>
/// What became of a delivery. Scheduler publishes it after the outcome is committed, and again whenever the same delivery is seen again:
/// until it arrives, the delivery is pending and comes back.
/// </summary>
/// <param name="Delivery">The delivery.</param>
/// <param name="Attempt">The generation of the envelope that was handled. An answer to an older attempt changes nothing.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Cause">Why it failed or was ignored: a short stable code, never a payload's text.</param>
public sealed record DeliveryAcknowledgement(DeliveryId Delivery, long Attempt, DeliveryOutcome Outcome, string? Cause = null);

/// <summary>What became of a delivery.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<DeliveryOutcome>))]
public enum DeliveryOutcome
{
    /// <summary>Its effect is committed.</summary>
    Handled,

    /// <summary>There was nothing to do.</summary>
    Ignored,

    /// <summary>It was given up. Redelivered or replayed, it runs again.</summary>
    Failed,
}
