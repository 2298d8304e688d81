namespace AgentPlatform.AppHost;

/// <summary>The host machine of local work: this one. Everything on it ends with the app host, and it finds the installed agent programs.</summary>
internal static class LocalHost
{
    private const string StateDirectoryKey = "Wsl2Host:StateDirectory";

    public static IResourceBuilder<ProjectResource> AsThisMachine(this IResourceBuilder<ProjectResource> host)
    {
        var data = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "AgentPlatform");
        var claude = Path.Combine(data, "agents", "claude-code", "2.1.328");
        if (Directory.Exists(claude))
        {
            host.WithEnvironment("Wsl2Host__ReadOnlyPaths__0", claude).WithEnvironment("Wsl2Host__ProgramPaths__0", claude);
        }

        if (host.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            // A host that is started again takes up what runs; when the app host goes, everything ends. Each app host on this machine gets a state directory.
            host.WithEnvironment("Wsl2Host__LifelineFile", Presence.Show(host.ApplicationBuilder));
        }

        return host
            .WithEnvironment("Wsl2Host__Lifeline", "true")
            .WithEnvironment("Wsl2Host__StateDirectory", host.ApplicationBuilder.Configuration[StateDirectoryKey] ?? DefaultStateDirectory(data))
            .ExcludeFromManifest();
    }

    // Instances run under users of their own, who could not reach anything in root's home.
    private static string DefaultStateDirectory(string data) =>
        OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess ? "/var/lib/agentplatform/host" : Path.Combine(data, "host");
}
