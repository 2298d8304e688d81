using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Health;
using AgentPlatform.ServiceDefaults.Identity;
using AgentPlatform.ServiceDefaults.Traces;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AgentPlatform.ServiceDefaults.Telemetry;

/// <summary>Logs, metrics and traces over OTLP, where an endpoint for them is configured.</summary>
internal static class TelemetryExtensions
{
    /// <summary>The platform's own activity sources and meters are all named so.</summary>
    private const string OwnSources = "AgentPlatform.*";

    public static void AddTelemetry(this WebApplicationBuilder builder, ServiceInfo service)
    {
        builder.ForceTelemetryPrivacy();
        builder.QuietFrameworkLogs();
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => Describe(resource, builder, service))
            .WithMetrics(metrics => metrics
                .AddMeter(OwnSources)
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation())
            .WithTracing(tracing => tracing
                .AddSource(OwnSources, builder.Environment.ApplicationName)
                .SetSampler(new ParentBasedSampler(new CausedSampler()))
                .AddAspNetCoreInstrumentation(options => options.Filter = context =>
                    !HealthExtensions.IsProbe(context.Request.Path) && context.Request.Path != SpanLimits.Path)
                .AddHttpClientInstrumentation()
                .AddProcessor<RedactionProcessor>());

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.UseOtlpExporter();
        }
    }

    /// <summary>Name and instance come from the environment where Aspire sets them; an id made here would hide that instance.</summary>
    private static void Describe(ResourceBuilder resource, WebApplicationBuilder builder, ServiceInfo service)
    {
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_SERVICE_NAME"]))
        {
            resource.AddService(service.Name, serviceInstanceId: Environment.MachineName, autoGenerateServiceInstanceId: false);
        }

        resource.AddAttributes([new("service.version", service.Version), new("deployment.environment.name", builder.Environment.EnvironmentName)]);
    }

    /// <summary>
    /// Some framework categories write whole addresses, with their query strings, at Information. Filters in code come after those of
    /// configuration, so no setting opens them by accident.
    /// </summary>
    private static void QuietFrameworkLogs(this WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        builder.Logging.AddFilter("System.Net.Http.HttpClient", LogLevel.Warning);
        builder.Logging.AddFilter("Yarp", LogLevel.Warning);
        builder.Logging.AddFilter("Polly", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        builder.Logging.AddFilter(typeof(ServiceAuthenticationHandler).FullName, LogLevel.Warning);
    }
}
