using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Services.Webhooks.Receiving;

namespace Services.Webhooks.Storage;

/// <summary>A delivery as it is kept. Rows are written by <see cref="DeliveryStore"/>; the rest of the service reads them.</summary>
internal sealed class DeliveryRow : IOwnedRow
{
    /// <summary>Characters of a cause that are kept.</summary>
    public const int CauseMax = 300;

    public DeliveryId Id { get; init; }

    /// <summary>GitHub's GUID. Not unique: it is not signed, so another body can come under it.</summary>
    public Guid DeliveryGuid { get; init; }

    /// <summary>What tells its body from others, see <see cref="Receiving.BodyHash"/>.</summary>
    public required byte[] BodyHash { get; init; }

    /// <summary>The body as it was sent, deflated.</summary>
    public required byte[] Body { get; init; }

    /// <summary>Its length before that, in bytes.</summary>
    public int BodyLength { get; init; }

    public PayloadFormat Format { get; init; }

    public DeliverySource Source { get; init; }

    public required string Event { get; init; }

    public string? Action { get; init; }

    public long? InstallationId { get; init; }

    public long? RepositoryId { get; init; }

    public string? Repository { get; init; }

    public long? PullRequest { get; init; }

    public string? HeadSha { get; init; }

    public DeliveryState State { get; set; }

    /// <summary>How often it was given to Scheduler anew, from 1. An acknowledgement of an older attempt changes nothing.</summary>
    public int Attempt { get; set; }

    /// <summary>While it is pending: when it is published again unless acknowledged before.</summary>
    public DateTimeOffset PublishAt { get; set; }

    /// <summary>How often the sweep has published this attempt.</summary>
    public int Republished { get; set; }

    /// <summary>When it was committed, by the database's clock.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    public DateTimeOffset? SettledAt { get; set; }

    public string? Cause { get; set; }

    public DeliveryId? DuplicateOf { get; init; }

    /// <summary>The trace that the delivery began: the whole run's.</summary>
    public string? Traceparent { get; init; }

    public TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }

    internal static void Describe(EntityTypeBuilder<DeliveryRow> delivery)
    {
        delivery.ToTable("deliveries");
        delivery.HasKey(row => row.Id);
        delivery.Property(row => row.Id).ValueGeneratedNever();
        delivery.Property(row => row.Event).HasMaxLength(64);
        delivery.Property(row => row.Action).HasMaxLength(256);
        delivery.Property(row => row.Repository).HasMaxLength(256);
        delivery.Property(row => row.HeadSha).HasMaxLength(64);
        delivery.Property(row => row.Cause).HasMaxLength(CauseMax);
        delivery.Property(row => row.Traceparent).HasMaxLength(64);

        // One claim for a GUID and body together; what has the same body is found by the key's beginning.
        delivery.HasIndex(row => new { row.BodyHash, row.DeliveryGuid }).IsUnique();
        delivery.HasIndex(row => row.DeliveryGuid);
        delivery.HasIndex(row => row.PublishAt).HasFilter("state = 'pending'");
    }
}
