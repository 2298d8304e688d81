using System.Net;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity;
using AgentPlatform.ServiceDefaults.Identity.Tokens;
using AgentPlatform.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentPlatform.Tests.ServiceDefaults.Identity;

public sealed class FetchedKeysTests : IDisposable
{
    private readonly SigningKey _first = SigningKey.Derive("the-first-secret-0123456789", ServiceNames.Webhooks);
    private readonly SigningKey _second = SigningKey.Derive("the-second-secret-0123456789", ServiceNames.Webhooks);
    private readonly ManualTimeProvider _time = new();
    private readonly Issuer _issuer = new();
    private readonly FetchedKeys _keys;

    public FetchedKeysTests()
    {
        _issuer.Publishes(_first);
        _keys = new FetchedKeys(ServiceNames.Webhooks, _issuer, _time, NullLogger<FetchedKeys>.Instance);
    }

    [Fact]
    public async Task KeysAreFetchedOnceAndKept()
    {
        for (var call = 0; call < 10; call++)
        {
            Assert.NotNull(await _keys.FindAsync(_first.Id, default));
        }

        Assert.Equal(["http://webhooks/.well-known/service-keys"], _issuer.Asked);
    }

    [Fact]
    public async Task ManyAtOnceFetchOnce()
    {
        var found = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await _keys.FindAsync(_first.Id, default))));

        Assert.All(found, Assert.NotNull);
        Assert.Single(_issuer.Asked);
    }

    [Fact]
    public async Task ANewKeyIsFoundAtItsFirstUse()
    {
        await _keys.FindAsync(_first.Id, default);
        _issuer.Publishes(_second);
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.NotNull(await _keys.FindAsync(_second.Id, default));
    }

    [Fact]
    public async Task InventedKeyIdsDoNotMakeTheServiceAskWithoutBound()
    {
        for (var second = 0; second < 20; second++)
        {
            Assert.Null(await _keys.FindAsync($"invented-{second}", default));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(4, _issuer.Asked.Count);
    }

    [Fact]
    public async Task AKeyThatIsNoLongerPublishedIsNoLongerBelieved()
    {
        await _keys.FindAsync(_first.Id, default);
        _issuer.Publishes(_second);
        _time.Advance(TimeSpan.FromMinutes(11));

        Assert.Null(await _keys.FindAsync(_first.Id, default));
    }

    [Fact]
    public async Task KeysOutliveAnIssuerThatIsDownButNotForEver()
    {
        await _keys.FindAsync(_first.Id, default);
        _issuer.Answer = HttpStatusCode.ServiceUnavailable;

        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.NotNull(await _keys.FindAsync(_first.Id, default));

        _time.Advance(TimeSpan.FromMinutes(31));
        Assert.Null(await _keys.FindAsync(_first.Id, default));
    }

    [Fact]
    public async Task AnAnswerThatIsNoKeySetGivesNoKey()
    {
        _issuer.Body = "<html>";
        Assert.Null(await _keys.FindAsync(_first.Id, default));
    }

    public void Dispose()
    {
        _keys.Dispose();
        _issuer.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    /// <summary>The issuer's endpoint, as far as its client sees it.</summary>
    private sealed class Issuer : HttpMessageHandler, IHttpClientFactory
    {
        public List<string> Asked { get; } = [];

        public HttpStatusCode Answer { get; set; } = HttpStatusCode.OK;

        public string Body { get; set; } = string.Empty;

        public void Publishes(SigningKey key) =>
            Body = JsonSerializer.Serialize(new JsonWebKeySet([key.Public.ToJsonWebKey()]), KeysJsonContext.Default.JsonWebKeySet);

        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri!.ToString());
            return Task.FromResult(new HttpResponseMessage(Answer)
            {
                Content = new StringContent(Body, System.Text.Encoding.UTF8, "application/json"),
            });
        }
    }
}
