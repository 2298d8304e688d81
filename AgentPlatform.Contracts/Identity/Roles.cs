namespace AgentPlatform.Contracts;

/// <summary>What a caller is, in the claim <c>role</c>.</summary>
public static class Roles
{
    /// <summary>May do everything in the tenant.</summary>
    public const string Admin = "admin";

    /// <summary>May start, steer and stop what the teams own.</summary>
    public const string Developer = "developer";

    /// <summary>May look at what the teams own.</summary>
    public const string Viewer = "viewer";

    /// <summary>Not a person but a service, acting for itself.</summary>
    public const string Service = "service";
}
