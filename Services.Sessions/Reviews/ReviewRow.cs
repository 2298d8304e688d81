using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Reviews;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Services.Sessions.Reviews;

/// <summary>An agent's review in a run's instance. The command's id stands here before the command starts, so that no second agent ever does.</summary>
internal sealed class ReviewRow : IOwnedRow
{
    public required SessionId Id { get; init; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }

    public required RunId RunId { get; init; }

    /// <summary>The run's newest generation that was seen.</summary>
    public long Generation { get; set; }

    public required string Host { get; init; }

    public required InstanceId Instance { get; init; }

    public required CommandId Command { get; init; }

    /// <summary>The request as it came (jsonb).</summary>
    public required string Request { get; init; }

    public ReviewState State { get; set; }

    public bool StopRequested { get; set; }

    public string? Summary { get; set; }

    /// <summary>Findings as in the contract (jsonb array).</summary>
    public string Findings { get; set; } = "[]";

    public string? Fault { get; set; }

    public FaultCategory? FaultCategory { get; set; }

    public int Turns { get; set; }

    public string? LeaseOwner { get; set; }

    public DateTimeOffset? LeaseExpiresAt { get; set; }

    public string? Traceparent { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; set; }

    public static void Describe(EntityTypeBuilder<ReviewRow> review)
    {
        review.ToTable("reviews");
        review.HasKey(row => row.Id);
        review.Property(row => row.Id).ValueGeneratedNever();
        review.Property(row => row.Request).HasColumnType("jsonb");
        review.Property(row => row.Findings).HasColumnType("jsonb");
        review.HasIndex(row => row.RunId);
        review.HasIndex(row => row.LeaseExpiresAt).HasFilter("state = 'running'").HasDatabaseName("ix_reviews_running");
    }
}
