using AgentPlatform.Contracts;
using AgentPlatform.Persistence;

namespace Services.Scheduler.Api;

/// <summary>What a caller's <c>Idempotency-Key</c> stood for, and which runs answered it. Kept for two days.</summary>
internal sealed class IdempotencyKeyRow : IOwnedRow
{
    public required string Key { get; init; }

    /// <summary>SHA-256 over the operation and the body's meaning.</summary>
    public required byte[] RequestHash { get; init; }

    public required Guid[] Runs { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }
}
