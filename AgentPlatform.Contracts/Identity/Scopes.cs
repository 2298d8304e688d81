namespace AgentPlatform.Contracts;

/// <summary>What a token allows, in the space-separated claim <c>scope</c>. An endpoint names the scope that it asks for.</summary>
public static class Scopes
{
    /// <summary>Read a service's own status.</summary>
    public const string StatusRead = "status:read";

    /// <summary>Read runs, their steps, findings and logs.</summary>
    public const string RunsRead = "runs:read";

    /// <summary>Start, cancel and repeat runs.</summary>
    public const string RunsWrite = "runs:write";

    /// <summary>Hand over finished spans of runs' traces.</summary>
    public const string SpansWrite = "spans:write";

    /// <summary>Read webhook deliveries.</summary>
    public const string DeliveriesRead = "deliveries:read";

    /// <summary>Read what webhook deliveries carried.</summary>
    public const string DeliveriesPayload = "deliveries:payload";

    /// <summary>Give webhook deliveries to the scheduler again.</summary>
    public const string DeliveriesReplay = "deliveries:replay";

    /// <summary>Read hosts and instances.</summary>
    public const string HostsRead = "hosts:read";

    /// <summary>Enrol a host and renew its leases.</summary>
    public const string HostsEnrol = "hosts:enrol";

    /// <summary>Create, use and destroy instances on a host.</summary>
    public const string InstancesWrite = "instances:write";

    /// <summary>Read agent sessions and their events.</summary>
    public const string SessionsRead = "sessions:read";

    /// <summary>Start, prompt and stop agent sessions.</summary>
    public const string SessionsWrite = "sessions:write";

    /// <summary>Use models through the model gateway, for a run whose token comes along.</summary>
    public const string ModelsUse = "models:use";
}
