namespace AgentPlatform.Contracts.Hosts;

/// <summary>A host, as it describes itself.</summary>
/// <param name="Id">Its id, made at its first start and kept in its state directory.</param>
/// <param name="Name">The machine's name, or the configured one.</param>
/// <param name="Driver">The driver in use, such as <c>linux</c>.</param>
/// <param name="Version">The informational version of the build.</param>
/// <param name="Fingerprint">What the machine can do.</param>
/// <param name="Capacity">What may run here.</param>
/// <param name="Load">What does.</param>
/// <param name="Labels">What placement may ask for, such as <c>os</c> or <c>arch</c>.</param>
public sealed record HostStatus(
    HostId Id,
    string Name,
    string Driver,
    string Version,
    HostFingerprint Fingerprint,
    HostCapacity Capacity,
    HostLoad Load,
    IReadOnlyDictionary<string, string> Labels);

/// <summary>What a driver found on its machine.</summary>
/// <param name="Ready">Whether instances can be made. If not, <paramref name="Shortcomings"/> says why.</param>
/// <param name="Attributes">What was found, such as <c>kernel</c>, <c>cgroup</c>, <c>bwrap</c>.</param>
/// <param name="Shortcomings">What is missing.</param>
public sealed record HostFingerprint(bool Ready, IReadOnlyDictionary<string, string> Attributes, IReadOnlyList<HostShortcoming> Shortcomings);

/// <summary>Something that a machine lacks.</summary>
/// <param name="Code">A stable name, such as <c>not_root</c>.</param>
/// <param name="Message">What is missing.</param>
/// <param name="Cure">What to do about it.</param>
/// <param name="Blocking">Whether nothing can run without it.</param>
public sealed record HostShortcoming(string Code, string Message, string Cure, bool Blocking);

/// <summary>What may run on a host.</summary>
/// <param name="InstancesMax">Instances at the same time.</param>
/// <param name="DefaultLimits">What an instance gets when the request names nothing.</param>
/// <param name="MaxLimits">The most that an instance can ask for.</param>
public sealed record HostCapacity(int InstancesMax, InstanceLimits DefaultLimits, InstanceLimits MaxLimits);

/// <summary>What runs on a host.</summary>
/// <param name="Instances">Instances that hold a place.</param>
/// <param name="Commands">Commands that run in them.</param>
/// <param name="LoadAverage">The machine's load average over one minute; 0 where it has none.</param>
/// <param name="MemoryAvailableBytes">Memory that could be used without swapping; 0 where it is unknown.</param>
public sealed record HostLoad(int Instances, int Commands, double LoadAverage, long MemoryAvailableBytes);

/// <summary>What a host tells Scheduler, at its start and again and again.</summary>
/// <param name="Url">Where it can be reached from Scheduler and Sessions.</param>
/// <param name="Status">Itself.</param>
/// <param name="Instances">Every instance that it holds, whoever asked for it.</param>
public sealed record HostEnrolment(Uri Url, HostStatus Status, IReadOnlyList<EnrolledInstance> Instances);

/// <summary>An instance in an enrolment.</summary>
/// <param name="Id">The instance.</param>
/// <param name="Owner">The run or session that it serves.</param>
/// <param name="Generation">The fence that it was last seen with.</param>
/// <param name="State">Where it stands.</param>
public sealed record EnrolledInstance(InstanceId Id, InstanceOwner Owner, long Generation, InstanceState State);

/// <summary>Scheduler's answer to an enrolment.</summary>
/// <param name="RenewAfterSeconds">When the host should report again.</param>
public sealed record HostEnrolmentReply(int RenewAfterSeconds);
