using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly.CircuitBreaker;

namespace AgentPlatform.Tests.StandIns.Clients.Resilience;

public sealed class BreakerTests
{
    [Fact]
    public async Task TheBreakerOpensAfterAHundredAttemptsOfWhichATenthFailedAndClosesWhenATrialSucceeds()
    {
        var failing = true;
        var sent = 0;
        await using var client = new ResilientClient(
            (_, _) => Task.FromResult(new HttpResponseMessage(failing && sent++ % 10 == 9 ? HttpStatusCode.InternalServerError : HttpStatusCode.OK)), NoRetries);
        for (var i = 0; i < 100; i++)
        {
            await client.Http.GetAsync("/");
        }

        await Assert.ThrowsAsync<BrokenCircuitException>(() => client.Http.GetAsync("/"));
        Assert.Equal(100, client.Attempts.Count);

        failing = false;
        client.Clock.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        await Assert.ThrowsAsync<BrokenCircuitException>(() => client.Http.GetAsync("/"));
        client.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(HttpStatusCode.OK, (await client.Http.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.Http.GetAsync("/")).StatusCode);
        Assert.Equal(102, client.Attempts.Count);
    }

    [Fact]
    public async Task FewerThanAHundredAttemptsDoNotOpenTheBreaker()
    {
        await using var client = new ResilientClient(ResilientClient.Statuses(HttpStatusCode.InternalServerError), NoRetries);

        for (var i = 0; i < 99; i++)
        {
            Assert.Equal(HttpStatusCode.InternalServerError, (await client.Http.GetAsync("/")).StatusCode);
        }
    }

    [Fact]
    public async Task OneBreakerServesAllAuthoritiesUnlessEachIsToHaveItsOwn()
    {
        static Task<HttpResponseMessage> ABrokenAuthority(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(request.RequestUri!.Host == "a.example" ? HttpStatusCode.InternalServerError : HttpStatusCode.OK));
        await using var shared = new ResilientClient(ABrokenAuthority, NoRetries);
        await using var byAuthority = new ResilientClient(ABrokenAuthority, NoRetries, handler => handler.SelectPipelineByAuthority());

        foreach (var client in new[] { shared, byAuthority })
        {
            for (var i = 0; i < 100; i++)
            {
                await client.Http.GetAsync("http://a.example/");
            }

            await Assert.ThrowsAsync<BrokenCircuitException>(() => client.Http.GetAsync("http://a.example/"));
        }

        await Assert.ThrowsAsync<BrokenCircuitException>(() => shared.Http.GetAsync("http://b.example/"));
        Assert.Equal(HttpStatusCode.OK, (await byAuthority.Http.GetAsync("http://b.example/")).StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, (await byAuthority.Http.GetAsync("https://a.example:8443/")).StatusCode);
    }

    [Fact]
    public async Task TheDefaultsOfAllClientsShareOneBreaker()
    {
        var services = new ServiceCollection();
        services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler(NoRetries);
            http.ConfigurePrimaryHttpMessageHandler(() => new Failing());
        });
        await using var provider = services.BuildServiceProvider();
        var factory = provider.GetRequiredService<IHttpClientFactory>();
        using var first = factory.CreateClient("first");
        using var second = factory.CreateClient("second");
        for (var i = 0; i < 100; i++)
        {
            await first.GetAsync("http://a.example/");
        }

        await Assert.ThrowsAsync<BrokenCircuitException>(() => second.GetAsync("http://b.example/"));
    }

    private static void NoRetries(HttpStandardResilienceOptions options) => options.Retry.ShouldHandle = _ => ValueTask.FromResult(false);

    private sealed class Failing : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.InternalServerError));
    }
}
