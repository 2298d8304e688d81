namespace AgentPlatform.Contracts.Models;

/// <summary>
/// The model gateway in Sessions, as hosts reach it: <c>{sessions}/model-gateway/{provider}/{the provider's own path}</c>. A host forwards what
/// comes through an instance's model door, method, path, query and body as they are, and adds the two credentials that the instance never sees:
/// its own service token (audience <c>sessions</c>, scope <see cref="Scopes.ModelsUse"/>) in <c>Authorization</c>, and the run's token in <see cref="TokenHeader"/>.
/// </summary>
public static class ModelGatewayRoutes
{
    /// <summary>What every path begins with.</summary>
    public const string Base = "/model-gateway";

    /// <summary>The provider that speaks Anthropic's messages API; what the door forwards to unless the path says otherwise.</summary>
    public const string Anthropic = "anthropic";

    /// <summary>Carries the token of one run's use of models, as it was given to the host with the door.</summary>
    public const string TokenHeader = "X-AgentPlatform-Model-Token";
}
