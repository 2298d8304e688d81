namespace AgentPlatform.Emulators.GitHub.Api;

/// <summary>Names of commits in a path.</summary>
internal static class Reference
{
    /// <summary>The server leaves an encoded slash as it is, and a branch's name may hold one.</summary>
    public static string Decode(string value) => value.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
