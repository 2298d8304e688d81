using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Configuration;

/// <summary>Where an app host's configuration comes from, and which environment it is in.</summary>
internal static class AppHostConfiguration
{
    public const string OperationKey = "AppHost:Operation";
    public const string OutputPathKey = "Pipeline:OutputPath";
    public const string StepKey = "Pipeline:Step";
    public const string ManifestStep = "publish-manifest";
    private const string PublisherKey = "Publishing:Publisher";

    /// <summary>The switches that mean something to an app host itself.</summary>
    private static readonly Dictionary<string, string> Switches = new(StringComparer.OrdinalIgnoreCase)
    {
        ["--operation"] = OperationKey,
        ["--publisher"] = PublisherKey,
        ["--output-path"] = OutputPathKey,
        ["--step"] = StepKey,
        ["--log-level"] = "Pipeline:LogLevel",
        ["--include-exception-details"] = "Pipeline:IncludeExceptionDetails",
        ["--clear-cache"] = "Pipeline:ClearCache",
        ["--yes"] = "Pipeline:Yes",
    };

    /// <summary>Fills in what the host's own defaults would get wrong: the assembly, its directory, the environment.</summary>
    public static void Prepare(
        HostApplicationBuilderSettings settings, DistributedApplicationOptions options, Assembly? assembly, string directory)
    {
        settings.Args ??= options.Args;
        settings.ContentRootPath ??= directory;
        settings.ApplicationName ??= assembly?.GetName().Name;
        settings.EnvironmentName ??= EnvironmentName(settings.Args ?? [], Environment.GetEnvironmentVariable);
        // A change of appsettings.json reaches no resource that runs already, and each watcher costs an inotify instance.
        settings.Configuration ??= new ConfigurationManager();
        settings.Configuration["hostBuilder:reloadConfigOnChange"] ??= "false";
    }

    public static void Complete(ConfigurationManager configuration, DistributedApplicationOptions options, string directory)
    {
        configuration.AddCommandLine(options.Args ?? [], Switches);
        configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AppHost:Directory"] = directory,
            ["AppHost:DefaultLaunchProfileName"] = configuration["AppHost:DefaultLaunchProfileName"] ?? configuration["DOTNET_LAUNCH_PROFILE"],
        });

        if (configuration[PublisherKey] is { Length: > 0 } publisher)
        {
            MapPublisher(configuration, publisher);
        }
    }

    public static DistributedApplicationOperation Operation(IConfiguration configuration) =>
        configuration[OperationKey] switch
        {
            null or "" => DistributedApplicationOperation.Run,
            var text when Enum.TryParse<DistributedApplicationOperation>(text, ignoreCase: true, out var operation) => operation,
            var text => throw new DistributedApplicationException($"Invalid operation specified: '{text}'. Valid operations are 'publish' or 'run'."),
        };

    /// <summary>The older switch <c>--publisher manifest</c> is the same as the newer operation and step.</summary>
    private static void MapPublisher(ConfigurationManager configuration, string publisher)
    {
        configuration[OperationKey] ??= nameof(DistributedApplicationOperation.Publish);
        configuration[StepKey] ??= string.Equals(publisher, "manifest", StringComparison.OrdinalIgnoreCase)
            ? ManifestStep
            : publisher;
    }

    /// <summary>The name that stands in the nearest of the command line, .NET's variable and Aspire's own; null leaves it to the host.</summary>
    public static string? EnvironmentName(string[] args, Func<string, string?> variable) =>
        new ConfigurationBuilder().AddCommandLine(args).Build()["environment"] ?? variable("DOTNET_ENVIRONMENT") ?? variable("ASPIRE_ENVIRONMENT");
}
