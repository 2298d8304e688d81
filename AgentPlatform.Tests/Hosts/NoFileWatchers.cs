using System.Runtime.CompilerServices;

namespace AgentPlatform.Tests.Hosts;

/// <summary>
/// Every host that is built in this process would watch its configuration files, and a machine has few watches to give (128 by default on
/// Linux). No test changes such a file, so none is watched; what is watched all the same is polled.
/// </summary>
internal static class NoFileWatchers
{
#pragma warning disable CA2255 // A test assembly has no entry point of its own to do this in.
    [ModuleInitializer]
    internal static void Initialize()
    {
        Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");
        Environment.SetEnvironmentVariable("DOTNET_USE_POLLING_FILE_WATCHER", "true");
    }
#pragma warning restore CA2255
}
