using AgentPlatform.Contracts;

namespace Services.Webhooks.Storage;

/// <summary>What became of a delivery in the database.</summary>
/// <param name="Outcome">Whether there is work.</param>
/// <param name="Id">The row that stands for it: its own, or the one that was there before.</param>
/// <param name="Attempt">The row's attempt, where there is work.</param>
internal readonly record struct StoreResult(StoreOutcome Outcome, DeliveryId Id, int Attempt);

/// <summary>Whether a delivery is work.</summary>
internal enum StoreOutcome
{
    /// <summary>It is new, or had failed before: it is to be published.</summary>
    Accepted,

    /// <summary>Stored, but its body had come shortly before under another GUID: nothing is to be done.</summary>
    Copy,

    /// <summary>It was there already, and has not failed: nothing was stored.</summary>
    Duplicate,
}
