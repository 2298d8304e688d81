namespace AgentPlatform.Contracts;

/// <summary>What a service says about itself at <c>GET /</c>.</summary>
/// <param name="Name">See <see cref="ServiceNames"/>.</param>
/// <param name="Version">The informational version of the build.</param>
public sealed record ServiceInfo(string Name, string Version);
