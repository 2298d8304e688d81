using System.Reflection;
using Aspire.Hosting.Configuration;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>What a test changes about an app host before its builder exists; configuration from elsewhere stands above it.</summary>
internal static class TestDefaults
{
    /// <summary>Sets the defaults.</summary>
    public static void Apply(Assembly appHost, string[] args, DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
    {
        var directory = AppHostAssemblies.ProjectDirectory(appHost);
        var (profileName, profile) = FirstProfile(appHost, directory);

        options.AssemblyName = appHost.GetName().Name;
        options.DisableDashboard = true;
        options.EnableResourceLogging = true;
        options.AllowUnsecuredTransport = true;
        settings.ContentRootPath = directory;
        settings.EnvironmentName ??= EnvironmentName(args, profile);

        var configuration = settings.Configuration ??= new ConfigurationManager();
        configuration.AddInMemoryCollection((profile?.EnvironmentVariables ?? []).Select(variable =>
            new KeyValuePair<string, string?>(variable.Key.Replace("__", ":", StringComparison.Ordinal), variable.Value)));
        configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [Orchestrator.RandomizePortsKey] = "true",
            ["AppHost:DefaultLaunchProfileName"] = profileName,
            ["ASPNETCORE_URLS"] = "http://localhost:8080",
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = "http://localhost:4317",
            ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
        });
    }

    private static (string? Name, LaunchProfile? Profile) FirstProfile(Assembly appHost, string directory)
    {
        // Only the directory of the path is looked at.
        var settings = LaunchSettings.Read(Path.Combine(directory, $"{appHost.GetName().Name}.csproj"));
        return settings?.Profiles.Select(profile => ((string?)profile.Key, (LaunchProfile?)profile.Value)).FirstOrDefault() ?? (null, null);
    }

    private static string EnvironmentName(string[] args, LaunchProfile? profile) =>
        new ConfigurationBuilder().AddCommandLine(args).Build()["environment"]
        ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT")
        ?? profile?.EnvironmentVariables.GetValueOrDefault("DOTNET_ENVIRONMENT")
        ?? profile?.EnvironmentVariables.GetValueOrDefault("ASPNETCORE_ENVIRONMENT")
        ?? Environments.Development;
}
