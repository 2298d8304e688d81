using System.Collections.Concurrent;
using AgentPlatform.Tests.Hosts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AgentPlatform.Tests.StandIns.Clients.Telemetry;

[Collection(TelemetryAlone.Name)]
public sealed class MetricsTests
{
    [Fact]
    public async Task TheMetersOfServerClientAndRuntimeAreRead()
    {
        var exporter = new Exporter();
        await using var application = await TracedApplication.StartAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddAspNetCoreInstrumentation()
            .AddHttpClientInstrumentation()
            .AddRuntimeInstrumentation()
            .AddReader(_ => new BaseExportingMetricReader(exporter)));
        using var host = builder.Build();
        await host.StartAsync();

        await application.SendAsync("/orders/7");
        await Eventually.TrueAsync(
            () =>
            {
                host.Services.GetRequiredService<MeterProvider>().ForceFlush();
                return exporter.Names.Contains("http.server.request.duration");
            },
            "the request is measured");

        Assert.Superset(
            new HashSet<string> { "http.server.request.duration", "http.client.request.duration", "kestrel.connection.duration", "dotnet.gc.collections" },
            (await KestrelAsync(application, host, exporter)).ToHashSet());
    }

    [Fact]
    public async Task TheProvidersAreMadeWhenTheHostStartsAndOnlyThoseAskedFor()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var made = new List<string>();
        builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddInstrumentation(() => Made("tracing")));
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddAttributes([new("deployment", "test")]))
            .WithTracing(tracing => tracing.AddInstrumentation(() => Made("more tracing")))
            .WithLogging();
        using var host = builder.Build();
        Assert.Empty(made);

        await host.StartAsync();

        Assert.Equal(["more tracing", "tracing"], made.Order());
        Assert.Null(host.Services.GetService<MeterProvider>());
        Assert.NotNull(host.Services.GetService<TracerProvider>());
        Assert.NotNull(host.Services.GetService<LoggerProvider>());
        Assert.Single(builder.Services, service => service.ServiceType == typeof(IHostedService));

        object Made(string what)
        {
            made.Add(what);
            return new object();
        }
    }

    // A connection is measured when it ends.
    private static async Task<IEnumerable<string>> KestrelAsync(TracedApplication application, IHost host, Exporter exporter)
    {
        await application.DisposeAsync();
        await Eventually.TrueAsync(
            () =>
            {
                host.Services.GetRequiredService<MeterProvider>().ForceFlush();
                return exporter.Names.Contains("kestrel.connection.duration");
            },
            "the connection is measured");
        return exporter.Names;
    }

    private sealed class Exporter : BaseExporter<Metric>
    {
        private readonly ConcurrentDictionary<string, bool> _names = [];

        public IReadOnlyCollection<string> Names => [.. _names.Keys];

        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (var metric in batch)
            {
                _names[metric.Name] = true;
            }

            return ExportResult.Success;
        }
    }
}
