using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentPlatform.Tests.StandIns.Hosting;

/// <summary>A directory with an app host's place in it and projects beside it; it vanishes with the test.</summary>
public sealed class HostingDirectory : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("hosting-");

    public HostingDirectory() => Directory.CreateDirectory(AppHost);

    public string Root => _root.FullName;

    public string AppHost => Path.Combine(Root, "AppHost");

    /// <summary>Makes a project that is nothing but its files' names and settings.</summary>
    /// <returns>Path of the project file, relative to the app host's directory.</returns>
    public string AddProject(string name, string? launchSettings = null, string? appSettings = null)
    {
        var properties = Path.Combine(Root, name, "Properties");
        Directory.CreateDirectory(properties);
        File.WriteAllText(Path.Combine(Root, name, $"{name}.csproj"), "<Project />");
        if (launchSettings is not null)
        {
            File.WriteAllText(Path.Combine(properties, "launchSettings.json"), launchSettings);
        }

        if (appSettings is not null)
        {
            File.WriteAllText(Path.Combine(Root, name, "appsettings.json"), appSettings);
        }

        return $"../{name}/{name}.csproj";
    }

    /// <summary>Makes a project with one launch profile of the given addresses.</summary>
    public string AddWebProject(string name, string applicationUrl = "http://localhost:5080") =>
        AddProject(name, $$"""{ "profiles": { "http": { "commandName": "Project", "applicationUrl": "{{applicationUrl}}" } } }""");

    public IDistributedApplicationBuilder CreateBuilder(params string[] args) =>
        DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, ProjectDirectory = AppHost, DisableDashboard = true });

    public IDistributedApplicationBuilder CreatePublishBuilder(params string[] args) => CreateBuilder(["--operation", "publish", .. args]);

    public void Dispose() => _root.Delete(recursive: true);
}

internal static class ResourceAssertions
{
    /// <summary>The environment with which a replica would start that listens on the given ports.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync<T>(
        this IResourceBuilder<T> builder, params (string Endpoint, int TargetPort)[] ports)
        where T : IResource =>
        (await builder.ConfigurationAsync(ports)).Environment;

    public static Task<InstanceConfiguration> ConfigurationAsync<T>(
        this IResourceBuilder<T> builder, params (string Endpoint, int TargetPort)[] ports)
        where T : IResource =>
        InstanceConfiguration.ComputeAsync(
            builder.Resource,
            $"{builder.Resource.Name}-abcdefgh",
            ports.ToDictionary(port => port.Endpoint, port => port.TargetPort),
            [],
            builder.ApplicationBuilder.ExecutionContext,
            NullLogger.Instance,
            CancellationToken.None);

    /// <summary>Gives an endpoint the address that it would get when the application starts.</summary>
    public static IResourceBuilder<T> Allocate<T>(this IResourceBuilder<T> builder, string endpointName, int port)
        where T : IResourceWithEndpoints =>
        builder.WithEndpoint(
            endpointName, endpoint => endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", port), createIfNotExists: false);

    public static EndpointAnnotation Endpoint<T>(this IResourceBuilder<T> builder, string name)
        where T : IResourceWithEndpoints => builder.GetEndpoint(name).Annotation;
}
