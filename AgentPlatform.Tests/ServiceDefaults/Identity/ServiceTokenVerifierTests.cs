using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity.Tokens;
using AgentPlatform.Tests.Fakes;

namespace AgentPlatform.Tests.ServiceDefaults.Identity;

public sealed class ServiceTokenVerifierTests : IDisposable
{
    private readonly SigningKey _webhooks = SigningKey.Derive("the-secret-of-webhooks-0123456789", ServiceNames.Webhooks);
    private readonly SigningKey _gateway = SigningKey.Derive("the-secret-of-gateway-0123456789", ServiceNames.Gateway);
    private readonly ManualTimeProvider _time = new();
    private readonly KnownKeys _keys = new();
    private readonly ServiceTokenVerifier _scheduler;

    public ServiceTokenVerifierTests()
    {
        _keys.Add(ServiceNames.Webhooks, _webhooks.Public);
        _keys.Add(ServiceNames.Gateway, _gateway.Public);
        _scheduler = new ServiceTokenVerifier(ServiceNames.Scheduler, _keys, _time);
    }

    [Fact]
    public async Task AGoodTokenSaysWhoCalls()
    {
        var (claims, refusal) = await VerifyAsync(Claims(), _webhooks);

        Assert.Equal(TokenRefusal.None, refusal);
        Assert.Equal(Claims().Subject, claims!.Subject);
        Assert.Equal([Scopes.RunsRead, Scopes.StatusRead], claims.Scopes);
        Assert.Equal(Ownership.DefaultTenant, claims.Tenant);
    }

    [Fact]
    public Task ATokenForAnotherAudienceIsRefused() => RefusesAsync(TokenRefusal.WrongAudience, Claims() with { Audience = ServiceNames.Sessions }, _webhooks);

    [Fact]
    public Task ATokenSignedByAStrangerIsRefused()
    {
        var stranger = SigningKey.Derive("a-stranger's-secret-0123456789", ServiceNames.Webhooks);
        return RefusesAsync(TokenRefusal.UnknownKey, Claims(), stranger);
    }

    [Fact]
    public async Task ATokenThatNamesAKnownKeyButIsSignedByAStrangerIsRefused()
    {
        using var stranger = SigningKey.Derive("a-stranger's-secret-0123456789", ServiceNames.Webhooks);
        var good = CompactJws.Write(ClaimsJson.Write(Claims()), _webhooks);
        var forged = CompactJws.Write(ClaimsJson.Write(Claims()), stranger);
        var mixed = string.Join('.', [good.Split('.')[0], forged.Split('.')[1], forged.Split('.')[2]]);

        Assert.Equal(TokenRefusal.WrongSignature, (await _scheduler.VerifyAsync(mixed, default)).Refusal);
    }

    [Fact]
    public Task AServiceCannotSignInAnothersName() =>
        RefusesAsync(TokenRefusal.UnknownKey, Claims() with { Issuer = ServiceNames.Gateway, Subject = "service:gateway" }, _webhooks);

    [Fact]
    public Task AnUnknownIssuerIsRefused() => RefusesAsync(TokenRefusal.UnknownIssuer, Claims() with { Issuer = "evil", Subject = "service:evil" }, _webhooks);

    [Fact]
    public async Task ATokenHoldsUntilItExpiresAndNotMuchLonger()
    {
        var token = CompactJws.Write(ClaimsJson.Write(Claims()), _webhooks);

        _time.Advance(TimeSpan.FromMinutes(5) + ServiceTokenVerifier.Skew - TimeSpan.FromSeconds(1));
        Assert.Equal(TokenRefusal.None, (await _scheduler.VerifyAsync(token, default)).Refusal);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TokenRefusal.Expired, (await _scheduler.VerifyAsync(token, default)).Refusal);
    }

    [Fact]
    public async Task ATokenFromAClockThatIsAheadHoldsWithinTheSkewOnly()
    {
        var (now, skew) = (_time.GetUtcNow(), ServiceTokenVerifier.Skew);
        Assert.True(skew <= TimeSpan.FromSeconds(30));
        Assert.Equal(TokenRefusal.None, (await VerifyAsync(Claims(now + skew), _webhooks)).Refusal);
        Assert.Equal(TokenRefusal.NotYetValid, (await VerifyAsync(Claims(now + skew + TimeSpan.FromSeconds(1)), _webhooks)).Refusal);
    }

    [Fact]
    public Task ATokenThatNeverExpiresIsRefused() =>
        RefusesAsync(TokenRefusal.TooLongLived, Claims() with { ExpiresAt = _time.GetUtcNow() + TimeSpan.FromDays(3650) }, _webhooks);

    [Theory]
    [InlineData("person:alice", Roles.Service)]
    [InlineData("service:webhooks", Roles.Admin)]
    [InlineData("service:gateway", Roles.Service)]
    public Task OnlyGatewaySpeaksForOthers(string subject, string role) =>
        RefusesAsync(TokenRefusal.SubjectNotAllowed, Claims() with { Subject = subject, Role = role }, _webhooks);

    [Fact]
    public async Task GatewaySpeaksForPeople()
    {
        var (claims, _) = await VerifyAsync(Claims() with { Issuer = ServiceNames.Gateway, Subject = "person:alice", Role = Roles.Viewer }, _gateway);
        Assert.Equal(("person:alice", Roles.Viewer), (claims!.Subject, claims.Role));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""[]""")]
    [InlineData("""not json""")]
    [InlineData("""{"iss":"webhooks","aud":["scheduler"],"sub":"service:webhooks","role":"service","scope":"","tenant":"ten_00000000000070008000000000000001","iat":1,"nbf":1,"exp":2,"jti":"x"}""")]
    [InlineData("""{"iss":"webhooks","aud":"scheduler","sub":"service:webhooks","role":"service","scope":"","tenant":"ten_1","iat":1,"nbf":1,"exp":2,"jti":"x"}""")]
    [InlineData("""{"iss":"webhooks","aud":"scheduler","sub":"service:webhooks","role":"service","scope":"","tenant":"ten_00000000000070008000000000000001","iat":1,"nbf":1,"exp":"2","jti":"x"}""")]
    [InlineData("""{"iss":"webhooks","aud":"scheduler","sub":"service:webhooks","role":"service","scope":"","tenant":"ten_00000000000070008000000000000001","iat":1,"nbf":1,"jti":"x"}""")]
    [InlineData("""{"iss":"webhooks","aud":"sessions","aud":"scheduler","sub":"service:webhooks","role":"service","scope":"","tenant":"ten_00000000000070008000000000000001","iat":1,"nbf":1,"exp":2,"jti":"x"}""")]
    public async Task ClaimsThatAreMissingOrMisshapenAreRefused(string payload)
    {
        var token = CompactJws.Write(System.Text.Encoding.UTF8.GetBytes(payload), _webhooks);
        Assert.Equal(TokenRefusal.Malformed, (await _scheduler.VerifyAsync(token, default)).Refusal);
    }

    public void Dispose()
    {
        _webhooks.Dispose();
        _gateway.Dispose();
    }

    private ServiceClaims Claims(DateTimeOffset? from = null) => new(
        ServiceNames.Webhooks, ServiceNames.Scheduler, "service:webhooks", Roles.Service, [Scopes.RunsRead, Scopes.StatusRead],
        Ownership.DefaultTenant, from ?? _time.GetUtcNow(), (from ?? _time.GetUtcNow()) + TimeSpan.FromMinutes(5), "token-1");

    private ValueTask<(ServiceClaims? Claims, TokenRefusal Refusal)> VerifyAsync(ServiceClaims claims, SigningKey key) =>
        _scheduler.VerifyAsync(CompactJws.Write(ClaimsJson.Write(claims), key), default);

    private async Task RefusesAsync(TokenRefusal expected, ServiceClaims claims, SigningKey key)
    {
        var (accepted, refusal) = await VerifyAsync(claims, key);
        Assert.Null(accepted);
        Assert.Equal(expected, refusal);
    }

    private sealed class KnownKeys : IIssuerKeys
    {
        private readonly Dictionary<string, VerificationKey> _keys = [];

        public void Add(string issuer, VerificationKey key) => _keys[issuer] = key;

        public bool Knows(string issuer) => _keys.ContainsKey(issuer);

        public ValueTask<VerificationKey?> FindAsync(string issuer, string keyId, CancellationToken cancellationToken) =>
            ValueTask.FromResult(_keys.TryGetValue(issuer, out var key) && key.Id == keyId ? key : null);
    }
}
