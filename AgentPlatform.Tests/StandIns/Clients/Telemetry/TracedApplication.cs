using System.Collections.Concurrent;
using System.Diagnostics;
using AgentPlatform.Tests.Hosts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Instrumentation.AspNetCore;
using OpenTelemetry.Instrumentation.Http;
using OpenTelemetry.Trace;

namespace AgentPlatform.Tests.StandIns.Clients.Telemetry;

/// <summary>A web application on a free port whose spans, server's and client's, are kept by the trace that a test asks with.</summary>
internal sealed class TracedApplication : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Collector _collector = new();
    private readonly HttpClient _http = new();

    private TracedApplication(
        Action<AspNetCoreTraceInstrumentationOptions>? server, Action<HttpClientTraceInstrumentationOptions>? client, (string, string)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Item1, (string?)setting.Item2)));
        builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing
            .AddAspNetCoreInstrumentation(server)
            .AddHttpClientInstrumentation(client)
            .AddProcessor(_collector));
        _application = builder.Build();
        _application.MapGet("/orders/{id}", (string id) => id);
        _application.MapGet("relative", () => "no slash");
        _application.MapGet("/unavailable", () => Results.StatusCode(503));
        _application.MapGet("/missing", () => Results.NotFound());
        _application.MapGet("/broken", void () => throw new InvalidOperationException("broken"));
        _application.MapGet("/health", () => "ok");
    }

    public static async Task<TracedApplication> StartAsync(
        Action<AspNetCoreTraceInstrumentationOptions>? server = null,
        Action<HttpClientTraceInstrumentationOptions>? client = null,
        params (string, string)[] settings)
    {
        var application = new TracedApplication(server, client, settings);
        await application._application.StartAsync();
        return application;
    }

    /// <summary>Sends one request in a trace of its own, and returns the spans of that trace once <paramref name="spans"/> of them have ended.</summary>
    public async Task<Activity[]> SendAsync(string path, int spans = 2, HttpMethod? method = null)
    {
        using var caller = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        caller.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, _application.Urls.Single() + path);
        request.Headers.UserAgent.ParseAdd("tests/1.0");
        using var response = await _http.SendAsync(request);
        await Eventually.TrueAsync(() => _collector.Spans.Count(span => span.TraceId == caller.TraceId) >= spans, $"{spans} spans of {path}");
        return [.. _collector.Spans.Where(span => span.TraceId == caller.TraceId)];
    }

    public async Task<Activity> ServerSpanAsync(string path, HttpMethod? method = null) =>
        Assert.Single(await SendAsync(path, method: method), span => span.Kind == ActivityKind.Server);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _application.DisposeAsync();
    }

    private sealed class Collector : BaseProcessor<Activity>
    {
        public ConcurrentQueue<Activity> Spans { get; } = [];

        public override void OnEnd(Activity data) => Spans.Enqueue(data);
    }
}
