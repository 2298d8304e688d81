using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes the manifest where the command line says, in place of a run.</summary>
internal sealed partial class ManifestPublisher(
    IServiceProvider services,
    IConfiguration configuration,
    DistributedApplicationModel model,
    DistributedApplicationExecutionContext execution,
    Eventing.IDistributedApplicationEventing eventing,
    ILogger<ManifestPublisher> logger)
{
    private const string ManifestStep = AppHostConfiguration.ManifestStep;
    private const string DefaultFileName = "aspire-manifest.json";

    /// <summary>Does what the command line asks.</summary>
    /// <exception cref="DistributedApplicationException">Another step than the manifest was asked for, or no place for it was named.</exception>
    public async Task PublishAsync(CancellationToken cancellationToken)
    {
        var step = configuration[AppHostConfiguration.StepKey];
        if (!string.Equals(step, ManifestStep, StringComparison.OrdinalIgnoreCase))
        {
            throw new DistributedApplicationException(
                $"Step '{step ?? "publish"}' needs Aspire itself; its stand-in publishes the manifest alone: --operation publish --step {ManifestStep} --output-path <path>.");
        }

        var path = ManifestPath(configuration[AppHostConfiguration.OutputPathKey]);
        await eventing.PublishAsync(new BeforeStartEvent(services, model), cancellationToken);

        // In memory first: a model that cannot be written leaves the manifest of yesterday as it was.
        using var manifest = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(manifest, new JsonWriterOptions { Indented = true }))
        {
            await new ManifestWriter(writer, Path.GetDirectoryName(path)!, execution).WriteAsync(model.Resources, cancellationToken);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, manifest.ToArray(), cancellationToken);
        Log.Published(logger, path);
    }

    /// <summary>A path that does not end on .json is a directory.</summary>
    private static string ManifestPath(string? outputPath)
    {
        if (string.IsNullOrEmpty(outputPath))
        {
            throw new DistributedApplicationException(
                "The '--output-path [path]' option was not specified even though manifest publishing was requested.");
        }

        var path = Path.GetFullPath(outputPath);
        return path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? path : Path.Combine(path, DefaultFileName);
    }

    private static partial class Log
    {
        [LoggerMessage(8010, LogLevel.Information, "Published manifest to: {ManifestPath}")]
        public static partial void Published(ILogger logger, string manifestPath);
    }
}
