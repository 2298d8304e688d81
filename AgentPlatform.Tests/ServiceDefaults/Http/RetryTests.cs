using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;

namespace AgentPlatform.Tests.ServiceDefaults.Http;

public sealed class RetryTests
{
    private const int Attempts = 4; // The first and three retries.

    [Theory]
    [InlineData("GET", Attempts)]
    [InlineData("HEAD", Attempts)]
    [InlineData("PUT", Attempts)]
    [InlineData("DELETE", Attempts)]
    [InlineData("POST", 1)]
    [InlineData("PATCH", 1)]
    public async Task OnlyWhatMayBeRepeatedIsRepeated(string method, int attempts)
    {
        await using var server = await Refusing.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), server.Address);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Http.SendAsync(request)).StatusCode);
        Assert.Equal(attempts, server.Asked);
    }

    [Fact]
    public async Task APostWithAnIdempotencyKeyIsRepeated()
    {
        await using var server = await Refusing.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Address) { Headers = { { Idempotency.KeyHeader, "once" } } };

        await server.Http.SendAsync(request);

        Assert.Equal(Attempts, server.Asked);
    }

    [Fact]
    public async Task APostThatIsMarkedIsRepeated()
    {
        await using var server = await Refusing.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Address).MarkIdempotent();

        await server.Http.SendAsync(request);

        Assert.Equal(Attempts, server.Asked);
    }

    [Fact]
    public async Task APostWhoseConnectionBrokeIsNotRepeated()
    {
        // The server took the request and went away: whether it carried it out, nobody knows.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var server = await Refusing.StartAsync();
        var posted = server.Http.PostAsync($"http://{listener.LocalEndpoint}/", new StringContent("{}"));

        using (var first = await listener.AcceptTcpClientAsync())
        {
            await first.GetStream().ReadExactlyAsync(new byte[16]);
            first.LingerState = new LingerOption(true, 0);
        }

        await Assert.ThrowsAsync<HttpRequestException>(() => posted);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task RequestsUnderWayTogetherDoNotTakeEachOthersMark()
    {
        await using var server = await Refusing.StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 10).SelectMany(_ => (Task[])
            [server.Http.GetAsync($"{server.Address}?get"), server.Http.PostAsync($"{server.Address}?post", null)]));

        Assert.Equal((10 * Attempts, 10), (server.CountOf("?get"), server.CountOf("?post")));
    }

    [Fact]
    public async Task ALongLivedClientHasNoStandardHandler()
    {
        await using var server = await Refusing.StartAsync(services => services.AddLongLivedHttpClient("events"));
        var factory = server.Services.GetRequiredService<IHttpMessageHandlerFactory>();

        // If the handler's type is ever renamed, the first of these fails.
        Assert.Contains(Chain(factory.CreateHandler("plain")), HttpClientExtensions.IsStandardHandler);
        Assert.DoesNotContain(Chain(factory.CreateHandler("events")), HttpClientExtensions.IsStandardHandler);
        using var client = server.Services.GetRequiredService<IHttpClientFactory>().CreateClient("events");
        await client.GetAsync(server.Address);
        Assert.Equal((1, Timeout.InfiniteTimeSpan), (server.Asked, client.Timeout));
    }

    private static IEnumerable<HttpMessageHandler> Chain(HttpMessageHandler? handler)
    {
        for (; handler is not null; handler = (handler as DelegatingHandler)?.InnerHandler)
        {
            yield return handler;
        }
    }

    /// <summary>A server that always answers 503, and a client with the service defaults, which waits a millisecond before it tries again.</summary>
    private sealed class Refusing(TestService service, List<string> asked) : IAsyncDisposable
    {
        public IServiceProvider Services => service.Services;

        public string Address => $"{service.Addresses[0]}/refused";

        public HttpClient Http { get; } = service.Services.GetRequiredService<IHttpClientFactory>().CreateClient();

        public int Asked => CountOf(string.Empty);

        public static async Task<Refusing> StartAsync(Action<IServiceCollection>? add = null)
        {
            var asked = new List<string>();
            var service = await TestService.StartAsync(
                builder =>
                {
                    builder.Services.Configure<HttpStandardResilienceOptions>("-standard", options => options.Retry.Delay = TimeSpan.FromMilliseconds(1));
                    add?.Invoke(builder.Services);
                },
                app => app.Map("/refused", (HttpContext context) =>
                {
                    lock (asked)
                    {
                        asked.Add(context.Request.QueryString.Value ?? string.Empty);
                    }

                    return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
                }));
            return new Refusing(service, asked);
        }

        public int CountOf(string query)
        {
            lock (asked)
            {
                return asked.Count(one => query.Length == 0 || one == query);
            }
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await service.DisposeAsync();
        }
    }
}
