using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts.Hosts;

/// <summary>Whether a host takes runs.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<HostState>))]
public enum HostState
{
    /// <summary>It reports, and can hold instances.</summary>
    Ready,

    /// <summary>It reports, but its machine lacks something that instances need; its status says what.</summary>
    NotReady,

    /// <summary>It has not reported for too long and gets no new instance.</summary>
    Silent,
}

/// <summary>An enrolled host, as lists show it.</summary>
/// <param name="Id">The host.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Url">Where Scheduler and Sessions reach it.</param>
/// <param name="Labels">What placement may ask for, such as <c>os</c> or <c>arch</c>.</param>
/// <param name="Version">The build that runs there.</param>
/// <param name="State">Whether it takes runs.</param>
/// <param name="Capacity">Instances that it can hold at the same time; 0 where it can hold none.</param>
/// <param name="Used">Instances that held a place when it last reported.</param>
/// <param name="EnrolledAt">When it was first heard of.</param>
/// <param name="LastSeenAt">When it last reported.</param>
public sealed record HostSummary(
    HostId Id,
    string Name,
    Uri Url,
    IReadOnlyDictionary<string, string> Labels,
    string Version,
    HostState State,
    int Capacity,
    int Used,
    DateTimeOffset EnrolledAt,
    DateTimeOffset LastSeenAt);

/// <summary>A host with what it says of itself.</summary>
/// <param name="Host">What lists show.</param>
/// <param name="Status">Its own word, asked for just now; null if it did not answer in time.</param>
public sealed record HostDetail(HostSummary Host, HostStatus? Status);
