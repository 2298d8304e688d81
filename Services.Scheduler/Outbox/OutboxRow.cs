using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Services.Scheduler.Outbox;

/// <summary>A stream entry that is to be published: committed with the change that it tells of, sent afterwards, at least once.</summary>
internal sealed class OutboxRow : IOwnedRow
{
    /// <summary>The order of publishing.</summary>
    public long Position { get; init; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>The stream's short name, such as <c>work</c>.</summary>
    public required string Stream { get; init; }

    /// <summary>The event envelope as JSON, byte for byte as it is published.</summary>
    public required byte[] Envelope { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null until the stream has it.</summary>
    public DateTimeOffset? PublishedAt { get; set; }

    public static void Describe(EntityTypeBuilder<OutboxRow> entry)
    {
        entry.ToTable("outbox");
        entry.HasKey(row => row.Position);
        entry.Property(row => row.Position).UseIdentityAlwaysColumn();
        entry.Property(row => row.Stream).HasMaxLength(64);
        entry.HasIndex(row => row.Position).HasFilter("published_at IS NULL").HasDatabaseName("ix_outbox_unpublished");
    }
}
