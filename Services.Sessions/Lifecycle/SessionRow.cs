using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Services.Sessions.Profiles;

namespace Services.Sessions.Lifecycle;

/// <summary>A session with a coding agent.</summary>
internal sealed class SessionRow : IOwnedRow
{
    public required SessionId Id { get; init; }

    public required TenantId TenantId { get; init; }

    public TeamId? OwnerTeam { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>Which agent: the adapter's name, such as <c>claude</c>.</summary>
    public required string Agent { get; init; }

    public SessionPhase Phase { get; set; }

    /// <summary>What the agent was last seen doing; null when it was not seen.</summary>
    public AgentStatus? AgentStatus { get; set; }

    /// <summary>Whether the session was restored after its process was lost.</summary>
    public bool Recovered { get; set; }

    public ProfileId? ProfileId { get; init; }

    /// <summary>The instance it runs in, and, for a guest in a run's instance, the run that owns it.</summary>
    public InstanceId? InstanceId { get; set; }

    public RunId? RunId { get; init; }

    /// <summary>The fence of the lease that it acts under.</summary>
    public long Generation { get; set; }

    public string? Traceparent { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Raised by every change; a change names the version that it was decided on.</summary>
    public long Version { get; set; }

    public static void Describe(EntityTypeBuilder<SessionRow> session)
    {
        session.ToTable("sessions");
        session.HasKey(row => row.Id);
        session.Property(row => row.Id).ValueGeneratedNever();
        session.Property(row => row.Agent).HasMaxLength(64);
        session.Property(row => row.Traceparent).HasMaxLength(55);
        session.Property(row => row.Version).IsConcurrencyToken();
        session.HasOne<ProfileRow>().WithMany().HasForeignKey(row => row.ProfileId).OnDelete(DeleteBehavior.SetNull);
        session.HasIndex(row => new { row.TenantId, row.CreatedAt, row.Id }).IsDescending(false, true, true).HasDatabaseName("ix_sessions_newest");
        session.HasIndex(row => row.RunId);
    }
}

/// <summary>How far a session has come.</summary>
internal enum SessionPhase
{
    Creating,
    Active,
    Stopping,
    Stopped,
}

/// <summary>What the agent does.</summary>
internal enum AgentStatus
{
    Running,
    Stable,
    RequiresAction,
}
