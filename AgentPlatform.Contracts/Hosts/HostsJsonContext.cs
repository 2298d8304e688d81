using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts.Hosts;

/// <summary>Generated JSON code for the host API.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HostStatus))]
[JsonSerializable(typeof(Page<HostSummary>))]
[JsonSerializable(typeof(HostDetail))]
[JsonSerializable(typeof(HostEnrolment))]
[JsonSerializable(typeof(HostEnrolmentReply))]
[JsonSerializable(typeof(CreateInstanceRequest))]
[JsonSerializable(typeof(RenewLeaseRequest))]
[JsonSerializable(typeof(StopInstanceRequest))]
[JsonSerializable(typeof(HostInstance))]
[JsonSerializable(typeof(IReadOnlyList<HostInstance>))]
[JsonSerializable(typeof(PrepareWorkspaceRequest))]
[JsonSerializable(typeof(WorkspaceView))]
[JsonSerializable(typeof(WorkspaceDiff))]
[JsonSerializable(typeof(SetNetworkRequest))]
[JsonSerializable(typeof(NetworkView))]
[JsonSerializable(typeof(StartCommandRequest))]
[JsonSerializable(typeof(HostCommand))]
[JsonSerializable(typeof(IReadOnlyList<HostCommand>))]
[JsonSerializable(typeof(WriteInputRequest))]
[JsonSerializable(typeof(WriteInputReply))]
[JsonSerializable(typeof(SignalCommandRequest))]
[JsonSerializable(typeof(StopCommandRequest))]
public sealed partial class HostsJsonContext : JsonSerializerContext;
