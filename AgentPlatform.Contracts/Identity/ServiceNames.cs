namespace AgentPlatform.Contracts;

/// <summary>
/// The services' names. One name serves everywhere: as the resource, the host name that discovery resolves, the issuer and audience of service
/// tokens, the database schema and role, and the Redis user.
/// </summary>
public static class ServiceNames
{
    /// <summary>Takes webhooks in.</summary>
    public const string Webhooks = "webhooks";

    /// <summary>Decides, places and drives runs.</summary>
    public const string Scheduler = "scheduler";

    /// <summary>Holds instances on one machine. It has neither schema nor Redis user.</summary>
    public const string Wsl2Host = "wsl2host";

    /// <summary>Holds agent sessions, model keys and the ledger.</summary>
    public const string Sessions = "sessions";

    /// <summary>The public door.</summary>
    public const string Gateway = "gateway";

    /// <summary>The services that keep their own schema and Redis user.</summary>
    public static IReadOnlyList<string> WithStorage { get; } = [Webhooks, Scheduler, Sessions, Gateway];

    /// <summary>All services.</summary>
    public static IReadOnlyList<string> All { get; } = [Webhooks, Scheduler, Wsl2Host, Sessions, Gateway];
}
