using System.Diagnostics;
using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.StandIns.Clients.Telemetry;

[Collection(TelemetryAlone.Name)]
public sealed class ServerSpanTests
{
    [Fact]
    public async Task ASpanCarriesMethodRouteAndStatus()
    {
        await using var application = await TracedApplication.StartAsync();

        var span = await application.ServerSpanAsync("/orders/7");

        Assert.Equal("GET /orders/{id}", span.DisplayName);
        Assert.Equal("GET", span.GetTagItem("http.request.method"));
        Assert.Equal("/orders/{id}", span.GetTagItem("http.route"));
        Assert.Equal("/orders/7", span.GetTagItem("url.path"));
        Assert.Equal("http", span.GetTagItem("url.scheme"));
        Assert.Equal(200, span.GetTagItem("http.response.status_code"));
        Assert.Equal("127.0.0.1", span.GetTagItem("server.address"));
        Assert.Equal("1.1", span.GetTagItem("network.protocol.version"));
        Assert.Equal("tests/1.0", span.GetTagItem("user_agent.original"));
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
    }

    [Fact]
    public async Task ARouteWithoutALeadingSlashGetsOne()
    {
        await using var application = await TracedApplication.StartAsync();

        Assert.Equal("GET /relative", (await application.ServerSpanAsync("/relative")).DisplayName);
    }

    [Fact]
    public async Task AnErrorOfTheServerIsAnErrorAndOneOfTheCallerIsNot()
    {
        await using var application = await TracedApplication.StartAsync();

        var unavailable = await application.ServerSpanAsync("/unavailable");
        var missing = await application.ServerSpanAsync("/missing");

        Assert.Equal((ActivityStatusCode.Error, "503"), (unavailable.Status, unavailable.GetTagItem("error.type")));
        Assert.Equal((ActivityStatusCode.Unset, null), (missing.Status, missing.GetTagItem("error.type")));
    }

    [Fact]
    public async Task AnExceptionNamesItsTypeAndIsRecordedOnlyOnRequest()
    {
        await using var application = await TracedApplication.StartAsync();
        await using var recording = await TracedApplication.StartAsync(options => options.RecordException = true);

        var span = await application.ServerSpanAsync("/broken");
        var recorded = await recording.ServerSpanAsync("/broken");

        Assert.Equal((ActivityStatusCode.Error, typeof(InvalidOperationException).FullName), (span.Status, span.GetTagItem("error.type")));
        Assert.Equal("exception", Assert.Single(recorded.Events.DistinctBy(happening => happening.Name)).Name);
    }

    [Fact]
    public async Task AQueryIsNotRecorded()
    {
        await using var application = await TracedApplication.StartAsync();

        var spans = await application.SendAsync("/orders/7?token=hush&page=2");

        Assert.All(spans, span => Assert.DoesNotContain(span.TagObjects, tag => tag.Value?.ToString()?.Contains("hush", StringComparison.Ordinal) is true));
    }

    [Fact]
    public async Task AQueryIsRecordedWhereTheSettingOfTheRealPackageSaysSo()
    {
        await using var application = await TracedApplication.StartAsync(settings: ("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "true"));

        Assert.Equal("?page=2", (await application.ServerSpanAsync("/orders/7?page=2")).GetTagItem("url.query"));
    }

    [Fact]
    public async Task AMethodOfOnesOwnDoesNotBecomeAName()
    {
        await using var application = await TracedApplication.StartAsync();

        var span = await application.ServerSpanAsync("/orders/7", new HttpMethod("FROB"));

        Assert.Equal(("HTTP", "_OTHER", "FROB"), (span.DisplayName.Split(' ')[0], span.GetTagItem("http.request.method"), span.GetTagItem("http.request.method_original")));
    }

    [Fact]
    public async Task ARequestThatIsFilteredOutHasNoSpan()
    {
        await using var application = await TracedApplication.StartAsync(
            server: options => options.Filter = context => !context.Request.Query.ContainsKey("unseen-by-filter"));

        var spans = await application.SendAsync("/orders/8?unseen-by-filter", spans: 1);
        await application.SendAsync("/orders/8");

        Assert.Equal(ActivityKind.Client, Assert.Single(spans).Kind);
    }

    [Fact]
    public async Task TheApplicationAddsWhatItWantsAndCannotHarmTheRequest()
    {
        await using var application = await TracedApplication.StartAsync(options =>
        {
            options.EnrichWithHttpRequest = (span, request) => span.SetTag("added.request", request.Path.Value);
            options.EnrichWithHttpResponse = (span, response) => throw new InvalidOperationException("at fault");
        });

        var span = await application.ServerSpanAsync("/orders/7");

        Assert.Equal("/orders/7", span.GetTagItem("added.request"));
        Assert.Equal(200, span.GetTagItem("http.response.status_code"));
    }

    [Fact]
    public async Task TheServersSpanIsTheChildOfTheClients()
    {
        await using var application = await TracedApplication.StartAsync();

        var spans = await application.SendAsync("/orders/7");

        var client = Assert.Single(spans, span => span.Kind == ActivityKind.Client);
        Assert.Equal(client.SpanId, Assert.Single(spans, span => span.Kind == ActivityKind.Server).ParentSpanId);
    }
}
