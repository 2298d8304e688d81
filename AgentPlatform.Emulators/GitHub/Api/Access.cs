namespace AgentPlatform.Emulators.GitHub.Api;

/// <summary>Who may call an endpoint. Endpoints carry it as metadata.</summary>
/// <param name="Credential">What the caller must show.</param>
/// <param name="Write">Whether the permission must be <c>write</c>.</param>
/// <param name="Permissions">App permissions of which the caller needs one, by GitHub's names; none at all asks for none.</param>
internal sealed record Access(Credential Credential, bool Write, params string[] Permissions)
{
    /// <summary>As GitHub's header <c>X-Accepted-GitHub-Permissions</c> puts it.</summary>
    public string Describe() => string.Join("; ", Permissions.Select(permission => $"{permission}={(Write ? "write" : "read")}"));
}

internal enum Credential
{
    /// <summary>Nothing, or anything that is valid.</summary>
    Any,

    /// <summary>The App itself, by its signed token.</summary>
    App,

    /// <summary>An installation, by its access token.</summary>
    Installation,
}

/// <summary>Says who may call an endpoint.</summary>
internal static class AccessConventions
{
    public static RouteHandlerBuilder ForApp(this RouteHandlerBuilder endpoint) =>
        endpoint.WithMetadata(new Access(Credential.App, Write: false));

    public static RouteHandlerBuilder ForInstallation(this RouteHandlerBuilder endpoint) =>
        endpoint.WithMetadata(new Access(Credential.Installation, Write: false));

    public static RouteHandlerBuilder Reads(this RouteHandlerBuilder endpoint, params string[] permissions) =>
        endpoint.WithMetadata(new Access(Credential.Any, Write: false, permissions));

    public static RouteHandlerBuilder Writes(this RouteHandlerBuilder endpoint, params string[] permissions) =>
        endpoint.WithMetadata(new Access(Credential.Installation, Write: true, permissions));
}
