using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts.Hosts;

/// <summary>What an instance can reach.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NetworkPhase>))]
public enum NetworkPhase
{
    /// <summary>Nothing but its own loopback and the doors. Where every instance begins.</summary>
    [JsonStringEnumMemberName("closed")]
    Closed,

    /// <summary>The named registries too, through <see cref="InstancePaths.RegistryProxyUrl"/>.</summary>
    [JsonStringEnumMemberName("setup")]
    Setup,
}

/// <summary>Sets what an instance can reach from now on. Closing cuts what is open.</summary>
/// <param name="Generation">The fence of the caller's lease.</param>
/// <param name="Phase">The phase.</param>
/// <param name="AllowedHosts">In <see cref="NetworkPhase.Setup"/>, the registries: exact host names, or <c>*.example.org</c> for every name below one. Addresses are refused.</param>
/// <param name="Model">Opens the model door, or leaves it as it is if null.</param>
public sealed record SetNetworkRequest(long Generation, NetworkPhase Phase, IReadOnlyList<string>? AllowedHosts = null, ModelDoorRequest? Model = null);

/// <summary>Opens the model door: what the instance sends to it goes to the model gateway of Sessions with this token.</summary>
/// <param name="Token">The token of the run or session. The host adds it to each call; it never enters the instance.</param>
public sealed record ModelDoorRequest(SecretText Token);

/// <summary>What an instance can reach.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="AllowedHosts">The registries, while it is <see cref="NetworkPhase.Setup"/>.</param>
/// <param name="ModelDoorOpen">Whether the model door has a token.</param>
public sealed record NetworkView(NetworkPhase Phase, IReadOnlyList<string> AllowedHosts, bool ModelDoorOpen);
