using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts.Hosts;

/// <summary>Where an instance stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<InstanceState>))]
public enum InstanceState
{
    /// <summary>It is being made.</summary>
    [JsonStringEnumMemberName("creating")]
    Creating,

    /// <summary>Commands can be started in it.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Every command has ended and none can be started; its workspace and output can still be read.</summary>
    [JsonStringEnumMemberName("stopped")]
    Stopped,

    /// <summary>It is gone, with everything in it.</summary>
    [JsonStringEnumMemberName("destroyed")]
    Destroyed,

    /// <summary>It could not be made or kept.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>The one that an instance serves and that renews its lease: a run or a session.</summary>
/// <param name="Run">The run, or null.</param>
/// <param name="Session">The session, or null.</param>
public sealed record InstanceOwner(RunId? Run, SessionId? Session)
{
    /// <summary>An instance for a run.</summary>
    public static InstanceOwner Of(RunId run) => new(run, null);

    /// <summary>An instance for a session.</summary>
    public static InstanceOwner Of(SessionId session) => new(null, session);
}

/// <summary>What an instance may use. What is null is the host's default.</summary>
/// <param name="MemoryBytes">Memory of everything in it together, its disk included.</param>
/// <param name="CpuMillis">Processor time in thousandths of one processor.</param>
/// <param name="ProcessesMax">Processes and threads at the same time.</param>
/// <param name="DiskBytes">What workspace changes, home and temporary files may take together.</param>
/// <param name="LifeSeconds">How long it may live, lease or not.</param>
public sealed record InstanceLimits(
    long? MemoryBytes = null,
    int? CpuMillis = null,
    int? ProcessesMax = null,
    long? DiskBytes = null,
    int? LifeSeconds = null);

/// <summary>
/// Asks for an instance. The same id again is answered with the instance as it is; a newer generation takes it over; an older one is refused
/// (<see cref="HostProblemCodes.StaleGeneration"/>). 201 if it was made, 200 if it was there.
/// </summary>
/// <param name="Id">The id, chosen by the caller.</param>
/// <param name="Owner">The run or session.</param>
/// <param name="Ownership">Whose it is.</param>
/// <param name="Generation">The fence of the caller's lease.</param>
/// <param name="LeaseSeconds">How long it lives when nobody renews it.</param>
/// <param name="Limits">What it may use; null for the host's defaults.</param>
public sealed record CreateInstanceRequest(
    InstanceId Id,
    InstanceOwner Owner,
    Ownership Ownership,
    long Generation,
    int LeaseSeconds,
    InstanceLimits? Limits = null);

/// <summary>Prolongs an instance's life. A newer generation takes the instance over.</summary>
/// <param name="Generation">The fence of the caller's lease.</param>
/// <param name="LeaseSeconds">How long it lives from now on when nobody renews it again.</param>
public sealed record RenewLeaseRequest(long Generation, int LeaseSeconds);

/// <summary>Ends every command of an instance.</summary>
/// <param name="Generation">The fence of the caller's lease.</param>
/// <param name="GraceSeconds">How long the commands have to end by themselves; null for the host's default.</param>
public sealed record StopInstanceRequest(long Generation, int? GraceSeconds = null);

/// <summary>An instance.</summary>
/// <param name="Id">The instance.</param>
/// <param name="Owner">The run or session that it serves.</param>
/// <param name="Ownership">Whose it is.</param>
/// <param name="Generation">The newest fence that it was seen with.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Reason">Why it stands there, such as <c>lease_expired</c>; null where there is nothing to say.</param>
/// <param name="Limits">What it may use, every value filled in.</param>
/// <param name="CreatedAt">When it was asked for, by the host's clock.</param>
/// <param name="LeaseSecondsLeft">How long it will live if nobody renews it.</param>
/// <param name="Workspace">What is checked out, if anything.</param>
/// <param name="Network">What it can reach.</param>
/// <param name="Usage">What it uses; null where it cannot be read.</param>
public sealed record HostInstance(
    InstanceId Id,
    InstanceOwner Owner,
    Ownership Ownership,
    long Generation,
    InstanceState State,
    string? Reason,
    InstanceLimits Limits,
    DateTimeOffset CreatedAt,
    double LeaseSecondsLeft,
    WorkspaceSummary? Workspace,
    NetworkView Network,
    InstanceUsage? Usage);

/// <summary>What an instance uses at a moment.</summary>
/// <param name="MemoryBytes">Memory in use.</param>
/// <param name="CpuSeconds">Processor time used so far.</param>
/// <param name="Processes">Processes and threads.</param>
/// <param name="DiskBytes">Bytes written in workspace, home and temporary files.</param>
/// <param name="OutOfMemoryKills">Processes that the kernel ended for lack of memory.</param>
public sealed record InstanceUsage(long MemoryBytes, double CpuSeconds, int Processes, long DiskBytes, long OutOfMemoryKills);
