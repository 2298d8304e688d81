using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;

namespace Services.Wsl2Host.Instances;

/// <summary>The ways out of instances. See <c>Doors/</c>.</summary>
internal interface IInstanceDoors
{
    /// <summary>Opens what an instance has from its beginning, or again after a restart of the host.</summary>
    Task OpenAsync(InstanceRecord instance);

    /// <summary>Sets what an instance can reach.</summary>
    Task SetAsync(InstanceId instance, NetworkPhase phase, IReadOnlyList<string> allowedHosts, SecretText? modelToken);

    /// <summary>Whether the model door has a token.</summary>
    bool HasModelToken(InstanceId instance);

    /// <summary>Shuts every door of an instance and cuts what is open.</summary>
    Task CloseAsync(InstanceId instance);
}
