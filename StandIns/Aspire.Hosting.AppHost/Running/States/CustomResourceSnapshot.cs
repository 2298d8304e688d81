using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Everything that is known about one instance of a resource at one moment.</summary>
public sealed record CustomResourceSnapshot
{
    /// <summary>Kind of the resource, such as <c>Project</c>, <c>Executable</c>, <c>Container</c> or <c>Parameter</c>.</summary>
    public required string ResourceType { get; init; }

    /// <summary>Facts about the instance, such as its process id.</summary>
    public required ImmutableArray<ResourcePropertySnapshot> Properties { get; init; }

    /// <summary>When the instance was made, in UTC.</summary>
    public DateTime? CreationTimeStamp { get; init; }

    /// <summary>When it was last started, in UTC.</summary>
    public DateTime? StartTimeStamp { get; init; }

    /// <summary>When it last ended, in UTC.</summary>
    public DateTime? StopTimeStamp { get; init; }

    /// <summary>Where the instance is in its life; see <see cref="KnownResourceStates"/>.</summary>
    public ResourceStateSnapshot? State { get; init; }

    /// <summary>Exit code of the process that ended last.</summary>
    public int? ExitCode { get; init; }

    /// <summary>
    /// The worst of the health reports while the instance runs; healthy when there are no checks, unhealthy as long as one of
    /// them has not reported, and null when the instance does not run.
    /// </summary>
    public HealthStatus? HealthStatus => State?.Text != KnownResourceStates.Running
        ? null
        : HealthReports.Select(report => report.Status ?? Unhealthy).DefaultIfEmpty(Healthy).Min();

    /// <summary>What each health check said last.</summary>
    public ImmutableArray<HealthReportSnapshot> HealthReports { get; internal init; } = [];

    /// <summary>Environment of the process.</summary>
    public ImmutableArray<EnvironmentVariableSnapshot> EnvironmentVariables { get; init; } = [];

    /// <summary>Addresses of the resource.</summary>
    public ImmutableArray<UrlSnapshot> Urls { get; init; } = [];

    /// <summary>Directories kept for the resource.</summary>
    public ImmutableArray<VolumeSnapshot> Volumes { get; init; } = [];

    /// <summary>What can be done with the resource now.</summary>
    internal ImmutableArray<ResourceCommandSnapshot> Commands { get; init; } = [];

    /// <summary>How the resource is bound to others.</summary>
    public ImmutableArray<RelationshipSnapshot> Relationships { get; init; } = [];

    /// <summary>Whether people are not shown the resource.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Grows with every change of any resource.</summary>
    internal long Version { get; init; }

    /// <summary>The subscribers to the resource's readiness at work; null before it was ready since its last start.</summary>
    internal Task? Ready { get; init; }

    private static HealthStatus Healthy => Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy;

    private static HealthStatus Unhealthy => Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy;
}

/// <summary>A state.</summary>
/// <param name="Text">Its name; see <see cref="KnownResourceStates"/>.</param>
/// <param name="Style">How it is shown; see <see cref="KnownResourceStateStyles"/>.</param>
public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    /// <summary>A state without a style of its own.</summary>
    /// <param name="text">Name of the state.</param>
    public static implicit operator ResourceStateSnapshot?(string? text) => text is null ? null : new(text, Style: null);
}

/// <summary>A fact about an instance.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
public sealed record ResourcePropertySnapshot(string Name, object? Value)
{
    /// <summary>Whether the value is masked when it is shown.</summary>
    public bool IsSensitive { get; init; }
}

/// <summary>A variable of an instance's environment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
/// <param name="IsFromSpec">Whether the application set it; otherwise it was inherited.</param>
public sealed record EnvironmentVariableSnapshot(string Name, string? Value, bool IsFromSpec);

/// <summary>An address of a resource.</summary>
/// <param name="Name">Name of the endpoint that it belongs to.</param>
/// <param name="Url">The address.</param>
/// <param name="IsInternal">Whether it is shown among the details only.</param>
public sealed record UrlSnapshot(string? Name, string Url, bool IsInternal)
{
    /// <summary>How it is shown.</summary>
    public UrlDisplayPropertiesSnapshot DisplayProperties { get; init; } = new();

    /// <summary>Whether nothing answers there at the moment.</summary>
    public bool IsInactive { get; init; }
}

/// <summary>How an address is shown.</summary>
/// <param name="DisplayName">What it says instead of the address.</param>
/// <param name="SortOrder">Higher stands first.</param>
public sealed record UrlDisplayPropertiesSnapshot(string DisplayName = "", int SortOrder = 0);

/// <summary>A directory that is kept for a resource.</summary>
/// <param name="Source">Name of the volume, or a directory of this machine.</param>
/// <param name="Target">Where the resource sees it.</param>
/// <param name="MountType"><c>volume</c> or <c>bind</c>.</param>
/// <param name="IsReadOnly">Whether the resource may not write to it.</param>
public sealed record VolumeSnapshot(string? Source, string Target, string MountType, bool IsReadOnly);

/// <summary>How a resource is bound to another.</summary>
/// <param name="ResourceName">The other resource.</param>
/// <param name="Type"><c>Reference</c>, <c>WaitFor</c> or <c>Parent</c>.</param>
public sealed record RelationshipSnapshot(string ResourceName, string Type);

/// <summary>What a health check said.</summary>
/// <param name="Name">Key of the check.</param>
/// <param name="Status">Its result; null before the first.</param>
/// <param name="Description">More about it.</param>
/// <param name="ExceptionText">The error, where there was one.</param>
public sealed record HealthReportSnapshot(string Name, HealthStatus? Status, string? Description, string? ExceptionText)
{
    /// <summary>When the check ran, in UTC.</summary>
    public DateTime? LastRunAt { get; init; }
}

/// <summary>Something that can be done with a resource.</summary>
/// <param name="Name">Name of the command; see <see cref="KnownResourceCommands"/>.</param>
/// <param name="State">Whether it can be done now.</param>
/// <param name="DisplayName">What people read.</param>
/// <param name="DisplayDescription">More about it.</param>
/// <param name="IconName">Name of a Fluent icon.</param>
/// <param name="IsHighlighted">Whether it stands beside the resource rather than in a menu.</param>
internal sealed record ResourceCommandSnapshot(
    string Name,
    ResourceCommandState State,
    string DisplayName,
    string? DisplayDescription,
    string? IconName,
    bool IsHighlighted);

/// <summary>Whether a command can be given now.</summary>
internal enum ResourceCommandState
{
    /// <summary>It can.</summary>
    Enabled,

    /// <summary>It is shown, and cannot.</summary>
    Disabled,

    /// <summary>It is not shown.</summary>
    Hidden,
}
