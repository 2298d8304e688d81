using System.Text.Json.Serialization;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Drivers.Files;

namespace Services.Wsl2Host.Instances;

/// <summary>What the host itself writes down of an instance, beside what its driver does.</summary>
/// <param name="Version">1.</param>
/// <param name="Id">The instance.</param>
/// <param name="Owner">The run or session.</param>
/// <param name="Ownership">Whose it is.</param>
/// <param name="Generation">The newest fence that it was seen with.</param>
/// <param name="Limits">What it may use, every value filled in.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Reason">Why.</param>
/// <param name="Workspace">What was prepared, to answer a repeated request.</param>
/// <param name="Phase">What it can reach.</param>
/// <param name="AllowedHosts">The registries, in the setup phase.</param>
/// <param name="Lease">When its lease ends.</param>
/// <param name="Life">When its life ends, lease or not.</param>
internal sealed record InstanceRecord(
    int Version,
    InstanceId Id,
    InstanceOwner Owner,
    Ownership Ownership,
    long Generation,
    InstanceLimits Limits,
    DateTimeOffset CreatedAt,
    InstanceState State,
    string? Reason,
    PreparedWorkspace? Workspace,
    NetworkPhase Phase,
    IReadOnlyList<string> AllowedHosts,
    MonotonicDeadline Lease,
    MonotonicDeadline Life)
{
    public const int CurrentVersion = 1;

    private const string FileName = "instance.json";

    /// <summary>When it ends if nobody does anything.</summary>
    [JsonIgnore]
    public MonotonicDeadline End => Lease.Timestamp <= Life.Timestamp ? Lease : Life;

    public static InstanceRecord? Read(string directory) =>
        HandleFile.Read(Path.Combine(directory, FileName), InstanceJsonContext.Default.InstanceRecord) is { Version: CurrentVersion } record ? record : null;

    public void Write(string directory) => HandleFile.Write(Path.Combine(directory, FileName), this, InstanceJsonContext.Default.InstanceRecord);
}

/// <summary>A prepared workspace, and the request that it answers.</summary>
/// <param name="Request">The request without its token.</param>
/// <param name="View">The answer.</param>
/// <param name="Checkout">The checkout in the cache that lies under it.</param>
internal sealed record PreparedWorkspace(PrepareWorkspaceRequest Request, WorkspaceView View, string Checkout);

/// <summary>Generated JSON code for the host's own files.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InstanceRecord))]
internal sealed partial class InstanceJsonContext : JsonSerializerContext;
