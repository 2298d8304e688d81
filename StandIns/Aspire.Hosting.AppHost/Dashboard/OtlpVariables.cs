using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Dashboard;

/// <summary>What tells a process to send its telemetry where, and under which name.</summary>
internal sealed class OtlpVariables(DashboardEndpoints endpoints, IHostEnvironment environment)
{
    /// <summary>
    /// In Development Aspire shows everything, and at once: also prompts and query strings, which a service that must not
    /// record them has to refuse by itself.
    /// </summary>
    private static readonly (string Name, string Value)[] Development =
    [
        ("OTEL_BLRP_SCHEDULE_DELAY", "1000"),
        ("OTEL_BSP_SCHEDULE_DELAY", "1000"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1000"),
        ("OTEL_TRACES_SAMPLER", "always_on"),
        ("OTEL_METRICS_EXEMPLAR_FILTER", "trace_based"),
        ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true"),
        ("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "true"),
        ("OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION", "true"),
    ];

    /// <summary>The variables of one instance; none for a resource that is no project and has not asked for them.</summary>
    /// <param name="resource">The resource; its name is the service's name.</param>
    /// <param name="instanceId">The instance: the name and a suffix of its own, as the dashboard knows it.</param>
    public IEnumerable<(string Name, string Value)> For(IResource resource, string instanceId)
    {
        if (resource is not ProjectResource && !resource.Annotations.OfType<OtlpExporterAnnotation>().Any())
        {
            return [];
        }

        (string, string)[] name =
        [
            ("OTEL_SERVICE_NAME", resource.Name),
            ("OTEL_RESOURCE_ATTRIBUTES", $"service.instance.id={Suffix(resource.Name, instanceId)}"),
        ];
        return endpoints.Otlp is { } target ? [.. name, .. Exporter(target), .. environment.IsDevelopment() ? Development : []] : name;
    }

    private static IEnumerable<(string Name, string Value)> Exporter(OtlpTarget target)
    {
        yield return ("OTEL_EXPORTER_OTLP_ENDPOINT", target.Url);
        yield return ("OTEL_EXPORTER_OTLP_PROTOCOL", target.Protocol);
        if (target.ApiKey is not null)
        {
            yield return ("OTEL_EXPORTER_OTLP_HEADERS", $"x-otlp-api-key={target.ApiKey}");
        }
    }

    private static string Suffix(string resourceName, string instanceId) =>
        instanceId.Length > resourceName.Length + 1 && instanceId.StartsWith(resourceName + "-", StringComparison.OrdinalIgnoreCase)
            ? instanceId[(resourceName.Length + 1)..]
            : instanceId;
}
