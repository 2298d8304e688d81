using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentPlatform.Tests.Browser;
using AgentPlatform.Tests.Fakes;
using Aspire.Hosting;
using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AgentPlatform.Tests.StandIns.Dashboard;

/// <summary>The dashboard people will see: the real program, fed by the app host, looked at with a browser.</summary>
public sealed class RealDashboardTests : IAsyncLifetime
{
    private const string Password = "correct-horse-battery";
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(90));
    private readonly CapturedLog _log = new();
    private DistributedApplication _application = null!;
    private DashboardEndpoints _endpoints = null!;

    public async Task InitializeAsync()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = [] });
        builder.Configuration[DashboardEndpoints.FrontendKey] = "";
        builder.Services.AddLogging(logging => logging.ClearProviders().AddProvider(_log));
        var password = builder.AddParameter("test-password", Password, secret: true);
        builder.AddExecutable("talker", "/bin/sh", ".", "-c", "echo started with $TALKER_PASSWORD; exec sleep 600")
            .WithEnvironment("TALKER_PASSWORD", password)
            .WithEnvironment("TALKER_COLOUR", "green");
        _application = builder.Build();
        _endpoints = _application.Services.GetRequiredService<DashboardEndpoints>();
        await _application.StartAsync(_deadline.Token);
    }

    public async Task DisposeAsync()
    {
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
        _log.Dispose();
        _deadline.Dispose();
    }

    [InstalledDashboardFact]
    public async Task TheLoginLinkLetsAPersonInAndOthersAreSentToTheDoor()
    {
        await AnsweringAsync();
        using var stranger = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var refused = await stranger.GetAsync(new Uri(_endpoints.Url), _deadline.Token);
        Assert.Equal(HttpStatusCode.Redirect, refused.StatusCode);
        Assert.Contains("/login", refused.Headers.Location!.ToString(), StringComparison.Ordinal);

        await using var browser = await Chromium.StartAsync(_deadline.Token);
        await browser.OpenAsync(_endpoints.LoginUrl, _deadline.Token);
        var text = await browser.WaitForTextAsync(shown => shown.Contains("talker", StringComparison.Ordinal) && shown.Contains("Running", StringComparison.Ordinal), _deadline.Token);

        Assert.DoesNotContain(Password, text, StringComparison.Ordinal);
    }

    [InstalledDashboardFact]
    public async Task TheConsoleOfAResourceIsShownWithoutItsSecrets()
    {
        await AnsweringAsync();
        await using var browser = await Chromium.StartAsync(_deadline.Token);
        await browser.OpenAsync(_endpoints.LoginUrl, _deadline.Token);
        await browser.WaitForTextAsync(shown => shown.Contains("Running", StringComparison.Ordinal), _deadline.Token);
        await browser.OpenAsync(_endpoints.Url + "/consolelogs/resource/talker", _deadline.Token);

        await browser.WaitForTextAsync(shown => shown.Contains("started with ********", StringComparison.Ordinal), _deadline.Token);
    }

    [InstalledDashboardFact]
    public async Task TheStopAndStartButtonsWork()
    {
        await AnsweringAsync();
        await using var browser = await Chromium.StartAsync(_deadline.Token);
        await browser.OpenAsync(_endpoints.LoginUrl, _deadline.Token);
        await browser.WaitForTextAsync(shown => shown.Contains("Running", StringComparison.Ordinal), _deadline.Token);

        await browser.EvaluateAsync("document.querySelector('fluent-button[title=\"Stop resource\"]').click()", _deadline.Token);
        await browser.WaitForTextAsync(shown => shown.Contains("Exited", StringComparison.Ordinal), _deadline.Token);

        await browser.EvaluateAsync("document.querySelector('fluent-button[title=\"Start resource\"]').click()", _deadline.Token);
        await browser.WaitForTextAsync(shown => shown.Contains("Running", StringComparison.Ordinal), _deadline.Token);
    }

    [InstalledDashboardFact]
    public async Task TelemetryIsTakenWithTheKeyAndRefusedWithoutIt()
    {
        await AnsweringAsync();
        using var stranger = new HttpClient();
        using var refused = await stranger.GetAsync(new Uri(_endpoints.Url + "/api/telemetry/resources"), _deadline.Token);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("x-api-key", _endpoints.TelemetryApiKey);
        var resources = await client.GetFromJsonAsync<JsonElement>(new Uri(_endpoints.Url + "/api/telemetry/resources"), _deadline.Token);
        Assert.Equal(JsonValueKind.Array, resources.ValueKind);
    }

    [InstalledDashboardFact]
    public async Task ATraceIsShownWhenItsSenderHasTheKeyAndNotOtherwise()
    {
        await AnsweringAsync();
        var target = _endpoints.Otlp!;
        SendSpan("stranger", target with { ApiKey = "wrong" });
        SendSpan("known", target);

        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("x-api-key", _endpoints.TelemetryApiKey);
        var spans = "";
        while (!spans.Contains("done by known", StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), _deadline.Token);
            spans = await client.GetStringAsync(new Uri(_endpoints.Url + "/api/telemetry/spans"), _deadline.Token);
        }

        Assert.DoesNotContain("stranger", spans, StringComparison.Ordinal);
    }

    private static void SendSpan(string sender, OtlpTarget target)
    {
        using var source = new ActivitySource(sender);
        using var provider = Sdk.CreateTracerProviderBuilder()
            .AddSource(sender)
            .ConfigureResource(resource => resource.AddService(sender))
            .AddOtlpExporter(exporter =>
            {
                exporter.Endpoint = new Uri(target.Url);
                exporter.Protocol = OtlpExportProtocol.Grpc;
                exporter.Headers = $"x-otlp-api-key={target.ApiKey}";
            })
            .Build();
        source.StartActivity($"done by {sender}")!.Dispose();
        provider.ForceFlush();
    }

    /// <summary>The line that Aspire prints, when the dashboard answers.</summary>
    private Task AnsweringAsync() => _log.WaitForAsync(line => line == $"Login to the dashboard at {_endpoints.LoginUrl}", _deadline.Token);
}
