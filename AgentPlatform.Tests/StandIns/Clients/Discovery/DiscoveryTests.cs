using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ServiceDiscovery;

namespace AgentPlatform.Tests.StandIns.Clients.Discovery;

public sealed class DiscoveryTests
{
    [Theory]
    [InlineData("http://catalog/items?q=1", "http://10.0.0.1:8080/items?q=1")]
    [InlineData("https://catalog/items", "https://10.0.0.1:8443/items")]
    [InlineData("https+http://catalog/items", "https://10.0.0.1:8443/items")]
    [InlineData("http+https://catalog/", "http://10.0.0.1:8080/")]
    [InlineData("http://_admin.catalog/users", "http://10.0.0.1:9000/users")]
    [InlineData("https+http://_admin.catalog/users", "http://10.0.0.1:9000/users")]
    public async Task AServiceIsReachedAtItsEndpoint(string address, string sentTo)
    {
        await using var client = new DiscoveringClient(
            ("services:catalog:http:0", "http://10.0.0.1:8080"), ("services:catalog:https:0", "https://10.0.0.1:8443"), ("services:catalog:admin:0", "http://10.0.0.1:9000"));

        Assert.Equal(sentTo, await client.SendAsync(address));
    }

    [Theory]
    [InlineData("https+http://worker/", "http://10.0.0.2:8080/")]
    [InlineData("http://WORKER/", "http://10.0.0.2:8080/")]
    public async Task TheBestSchemeThatTheServiceHasIsTaken(string address, string sentTo)
    {
        await using var client = new DiscoveringClient(("Services:Worker:http:0", "http://10.0.0.2:8080"));

        Assert.Equal(sentTo, await client.SendAsync(address));
    }

    [Fact]
    public async Task OfMixedAddressesOnlyThoseOfTheBestSchemeAreTaken()
    {
        await using var client = new DiscoveringClient(
            ("Services:mixed:default:0", "http://10.0.0.1:80"), ("Services:mixed:default:1", "https://10.0.0.2:443"), ("Services:mixed:default:2", "https://10.0.0.3:443"));

        Assert.Equal(["https://10.0.0.2/", "https://10.0.0.3/", "https://10.0.0.2/"],
            [await client.SendAsync("https+http://mixed/"), await client.SendAsync("https+http://mixed/"), await client.SendAsync("https+http://mixed/")]);
    }

    [Fact]
    public async Task EndpointsAreTakenInTurn()
    {
        await using var client = new DiscoveringClient(
            ("Services:many:http:0", "http://10.0.0.1:1"), ("Services:many:http:1", "http://10.0.0.1:2"), ("Services:many:http:2", "http://10.0.0.1:3"));
        List<string> sentTo = [];
        for (var i = 0; i < 6; i++)
        {
            sentTo.Add(await client.SendAsync("http://many/"));
        }

        Assert.Equal([.. sentTo[..3], .. sentTo[..3]], sentTo);
        Assert.Equal(3, sentTo.Distinct().Count());
    }

    [Fact]
    public async Task OneAddressNeedsNoList()
    {
        await using var client = new DiscoveringClient(("Services:single:http", "http://10.0.0.9:90"));

        Assert.Equal("http://10.0.0.9:90/", await client.SendAsync("http://single/"));
    }

    [Fact]
    public async Task ThePathOfTheEndpointComesBeforeThatOfTheRequest()
    {
        await using var client = new DiscoveringClient(("Services:based:http:0", "http://10.0.0.1:80/base/v2/"));

        Assert.Equal("http://10.0.0.1/base/v2/items?q=1", await client.SendAsync("http://based/items?q=1"));
    }

    [Theory]
    [InlineData("http://elsewhere.example/x", "http://elsewhere.example/x")]
    [InlineData("http://elsewhere.example:81/x", "http://elsewhere.example:81/x")]
    [InlineData("https+http://elsewhere.example/x", "https://elsewhere.example/x")]
    [InlineData("https+http://elsewhere.example:81/x", "https://elsewhere.example:81/x")]
    [InlineData("http://_admin.elsewhere.example/x", "http://elsewhere.example/x")]
    [InlineData("http://127.0.0.1:5000/x", "http://127.0.0.1:5000/x")]
    public async Task AServiceThatIsNotConfiguredIsTakenForAHost(string address, string sentTo)
    {
        await using var client = new DiscoveringClient();

        Assert.Equal(sentTo, await client.SendAsync(address));
    }

    [Fact]
    public async Task ARequestIsGivenBackAsItWas()
    {
        await using var client = new DiscoveringClient(("Services:catalog:http:0", "http://10.0.0.1:8080"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/");

        await client.Http.SendAsync(request);

        Assert.Equal("http://catalog/", request.RequestUri!.ToString());
        Assert.Null(request.Headers.Host);
    }

    [Fact]
    public async Task AChangeOfTheConfigurationIsSeen()
    {
        await using var client = new DiscoveringClient(("Services:moving:http:0", "http://10.0.0.1:1"));
        Assert.Equal("http://10.0.0.1:1/", await client.SendAsync("http://moving/"));

        client.Reconfigure("Services:moving:http:0", "http://10.0.0.1:2");

        Assert.Equal("http://10.0.0.1:2/", await client.SendAsync("http://moving/"));
    }

    [Fact]
    public async Task ASchemeThatIsNotAllowedIsNotTaken()
    {
        await using var client = new DiscoveringClient(
            options => (options.AllowAllSchemes, options.AllowedSchemes) = (false, ["https"]),
            ("Services:catalog:http:0", "http://10.0.0.1:8080"), ("Services:catalog:https:0", "https://10.0.0.1:8443"));

        Assert.Equal("https://10.0.0.1:8443/", await client.SendAsync("http+https://catalog/"));
    }

    [Theory]
    [InlineData("Services:wrong:http:first", "http://10.0.0.1")]
    [InlineData("Services:wrong:http:0", "http://")]
    public async Task AMistakeInTheConfigurationIsNamed(string key, string value)
    {
        await using var client = new DiscoveringClient((key, value));

        var error = await Assert.ThrowsAsync<KeyNotFoundException>(() => client.SendAsync("http://wrong/"));

        Assert.Contains("wrong", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryAttemptIsResolvedAnew()
    {
        await using var client = new DiscoveringClient(
            null,
            http => http.AddStandardResilienceHandler(options => options.Retry.Delay = TimeSpan.Zero),
            ("Services:many:http:0", "http://10.0.0.1:1"), ("Services:many:http:1", "http://10.0.0.1:2"));
        client.Failing = "http://10.0.0.1:1/";

        Assert.Equal("http://10.0.0.1:2/", await client.SendAsync("http://many/"));
        Assert.Equal("http://10.0.0.1:2/", await client.SendAsync("http://many/"));
    }

    [Fact]
    public async Task TheResolverTellsAllEndpoints()
    {
        await using var client = new DiscoveringClient(("Services:many:http:0", "http://10.0.0.1:1"), ("Services:many:http:1", "10.0.0.2:2"));

        var source = await client.Services.GetRequiredService<ServiceEndpointResolver>().GetEndpointsAsync("http://many", CancellationToken.None);

        Assert.Equal(["http://10.0.0.1:1/", "10.0.0.2:2"], source.Endpoints.Select(endpoint => endpoint.ToString()));
        Assert.False(source.ChangeToken.HasChanged);
    }

    [Theory]
    [InlineData("basket", null, "basket", "")]
    [InlineData("_dashboard.basket", "dashboard", "basket", "")]
    [InlineData("https+http://_dashboard.basket:80", "dashboard", "basket", "https,http")]
    [InlineData("http://basket.internal", null, "basket.internal", "http")]
    public void AQueryIsTakenApart(string text, string? endpoint, string service, string schemes)
    {
        Assert.True(ServiceEndpointQuery.TryParse(text, out var query));

        Assert.Equal((endpoint, service, schemes), (query.EndpointName, query.ServiceName, string.Join(',', query.IncludedSchemes)));
    }

    private sealed class DiscoveringClient : IAsyncDisposable
    {
        private readonly IConfigurationRoot _configuration;

        public DiscoveringClient(params (string Key, string Value)[] values)
            : this(null, null, values)
        {
        }

        public DiscoveringClient(Action<ServiceDiscoveryOptions> options, params (string Key, string Value)[] values)
            : this(options, null, values)
        {
        }

        public DiscoveringClient(Action<ServiceDiscoveryOptions>? options, Action<IHttpClientBuilder>? configure, params (string Key, string Value)[] values)
        {
            _configuration = new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(value => value.Key, value => (string?)value.Value)).Build();
            var services = new ServiceCollection().AddSingleton<IConfiguration>(_configuration).AddServiceDiscovery(options ?? (_ => { }));
            var http = services.AddHttpClient("test");
            configure?.Invoke(http);
            http.AddServiceDiscovery().ConfigurePrimaryHttpMessageHandler(() => new Echo(this));
            Services = services.BuildServiceProvider();
            Http = Services.GetRequiredService<IHttpClientFactory>().CreateClient("test");
        }

        public ServiceProvider Services { get; }

        public HttpClient Http { get; }

        public string? Failing { get; set; }

        public async Task<string> SendAsync(string address) => await (await Http.GetAsync(address)).Content.ReadAsStringAsync();

        public void Reconfigure(string key, string value)
        {
            _configuration.Providers.OfType<MemoryConfigurationProvider>().Single().Set(key, value);
            _configuration.Reload();
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await Services.DisposeAsync();
        }

        // Answers with the address that was sent to.
        private sealed class Echo(DiscoveringClient client) : HttpMessageHandler
        {
            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                var sentTo = request.RequestUri!.ToString();
                var status = sentTo == client.Failing ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK;
                return Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(sentTo) });
            }
        }
    }
}
