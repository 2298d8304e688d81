using System.Diagnostics;
using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.StandIns.Clients.Telemetry;

[Collection(TelemetryAlone.Name)]
public sealed class ClientSpanTests
{
    [Fact]
    public async Task ASpanCarriesMethodAddressAndStatus()
    {
        await using var application = await TracedApplication.StartAsync();

        var span = Assert.Single(await application.SendAsync("/unavailable?token=hush"), span => span.Kind == ActivityKind.Client);

        Assert.Equal("GET", span.GetTagItem("http.request.method"));
        Assert.Equal("127.0.0.1", span.GetTagItem("server.address"));
        Assert.Equal(503, span.GetTagItem("http.response.status_code"));
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.EndsWith("/unavailable?*", (string)span.GetTagItem("url.full")!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARequestThatIsFilteredOutHasNoSpan()
    {
        await using var application = await TracedApplication.StartAsync(
            client: options => options.FilterHttpRequestMessage = request => !request.RequestUri!.Query.Contains("unseen-client", StringComparison.Ordinal));

        var spans = await application.SendAsync("/health?unseen-client", spans: 0);

        Assert.DoesNotContain(spans, span => span.Kind == ActivityKind.Client);
    }

    [Fact]
    public async Task TheApplicationAddsWhatItWants()
    {
        await using var application = await TracedApplication.StartAsync(client: options =>
        {
            options.EnrichWithHttpRequestMessage = (span, request) => span.SetTag("added.request", request.Method.Method);
            options.EnrichWithHttpResponseMessage = (span, response) => span.SetTag("added.response", (int)response.StatusCode);
        });

        var span = Assert.Single(await application.SendAsync("/missing"), span => span.Kind == ActivityKind.Client);

        Assert.Equal(("GET", 404), (span.GetTagItem("added.request"), span.GetTagItem("added.response")));
    }
}
