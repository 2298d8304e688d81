using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using AgentPlatform.Tests.Fakes;
using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.Emulators.GitHub;

public sealed class AppAuthenticationTests : GitHubTest
{
    private readonly ManualTimeProvider _clock = new();

    protected override TimeProvider Time => _clock;

    [Fact]
    public async Task AnAppNamesItselfByItsSignedToken()
    {
        using var client = Emulators.GitHub(Emulators.AppJwt());
        var (response, body) = await GetAsync(client, "app");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(EmulatorHost.AppId, body["id"]!.GetValue<long>());
    }

    [Theory]
    [InlineData("future issue", "'Issued at' claim ('iat') must be an Integer")]
    [InlineData("expired", "'Expiration time' claim ('exp') must be a numeric value")]
    [InlineData("too long", "'Expiration time' claim ('exp') is too far in the future")]
    [InlineData("stranger's key", "A JSON web token could not be decoded")]
    [InlineData("other algorithm", "A JSON web token could not be decoded")]
    [InlineData("garbage", "A JSON web token could not be decoded")]
    public async Task AnAppTokenThatBreaksARuleIsRefusedInGitHubsWords(string fault, string message)
    {
        using var stranger = RSA.Create(2048);
        var now = _clock.GetUtcNow();
        var token = fault switch
        {
            "future issue" => Emulators.AppJwt(issuedAt: now.AddSeconds(2)),
            "expired" => Emulators.AppJwt(expiresAt: now.AddSeconds(-1)),
            "too long" => Emulators.AppJwt(expiresAt: now.AddMinutes(10).AddSeconds(1)),
            "stranger's key" => Emulators.AppJwt(key: stranger),
            "other algorithm" => Emulators.AppJwt(algorithm: "none"),
            _ => "a.b.c",
        };
        using var client = Emulators.GitHub(token);
        var (response, body) = await GetAsync(client, "app");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.StartsWith(message, body["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnUnknownAppIsNotFound()
    {
        using var client = Emulators.GitHub(Emulators.AppJwt(issuer: "999"));
        var (response, body) = await GetAsync(client, "app");
        Assert.Equal((HttpStatusCode.NotFound, "Integration not found"), (response.StatusCode, body["message"]!.GetValue<string>()));
    }

    [Fact]
    public async Task AKeyMadeByTheControlApiSignsForTheApp()
    {
        using var key = RSA.Create();
        key.ImportFromPem((await Emulators.ControlAsync("github/app/keys", new { }))["privateKey"]!.GetValue<string>());
        using var client = Emulators.GitHub(Emulators.AppJwt(key: key));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(client, "app")).Response.StatusCode);
    }

    [Fact]
    public async Task AnInstallationTokenHasTheNewFormAndEndsAfterAnHour()
    {
        var repository = await Emulators.CreateRepositoryAsync("acme", "api");
        var token = await Emulators.TokenAsync(repository);
        Assert.Matches("^ghs_7001_[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$", token);
        Assert.InRange(token.Length, 480, 600);
        using var client = Emulators.GitHub(token);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(client, "repos/acme/api")).Response.StatusCode);
        _clock.Advance(TimeSpan.FromMinutes(61));
        var (late, body) = await GetAsync(client, "repos/acme/api");
        Assert.Equal((HttpStatusCode.Unauthorized, "Bad credentials"), (late.StatusCode, body["message"]!.GetValue<string>()));
    }

    [Fact]
    public async Task TheOlderFormOfTokenIsGivenOnRequest()
    {
        var repository = await Emulators.CreateRepositoryAsync("acme", "api");
        using var client = Emulators.GitHub(Emulators.AppJwt());
        client.DefaultRequestHeaders.Add("X-GitHub-Stateless-S2S-Token", "disabled");
        var (_, body) = await SendAsync(client, HttpMethod.Post, $"app/installations/{repository["installationId"]}/access_tokens",
            new { });
        Assert.Matches("^ghs_[A-Za-z0-9]{36}$", body["token"]!.GetValue<string>());
    }

    [Fact]
    public async Task ATokenNarrowedToOneRepositoryAndReadingCanDoNoMore()
    {
        var (repository, _) = await OpenPullAsync();
        await Emulators.CreateRepositoryAsync("acme", "other");
        using var client = await Emulators.InstallationClientAsync(repository,
            new { repository_ids = new[] { repository["id"]!.GetValue<long>() }, permissions = new { contents = "read" } });
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(client, "repos/acme/api/contents/README.md")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(client, "repos/acme/other")).Response.StatusCode);
        var (pulls, body) = await GetAsync(client, "repos/acme/api/pulls");
        Assert.Equal((HttpStatusCode.Forbidden, "Resource not accessible by integration"),
            (pulls.StatusCode, body["message"]!.GetValue<string>()));
        Assert.Equal("pull_requests=read", pulls.Headers.GetValues("X-Accepted-GitHub-Permissions").Single());
        Assert.Equal(1, (await GetAsync(client, "installation/repositories")).Body["total_count"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("""{"permissions":{"administration":"write"}}""", "The permissions requested are not granted to this installation.")]
    [InlineData("""{"permissions":{"metadata":"write"}}""", "The permissions requested are not granted to this installation.")]
    [InlineData("""{"repositories":["unknown"]}""", "There is at least one repository that does not exist or is not accessible to the parent installation.")]
    [InlineData("""{"repository_ids":[1]}""", "There is at least one repository that does not exist or is not accessible to the parent installation.")]
    public async Task ATokenForMoreThanWasGrantedIsRefused(string wanted, string message)
    {
        var repository = await Emulators.CreateRepositoryAsync("acme", "api");
        using var client = Emulators.GitHub(Emulators.AppJwt());
        var (response, body) = await SendAsync(client, HttpMethod.Post, $"app/installations/{repository["installationId"]}/access_tokens",
            JsonNode.Parse(wanted));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, message), (response.StatusCode, body["message"]!.GetValue<string>()));
    }

    [Fact]
    public async Task AnUnknownInstallationIsNotFoundAndASuspendedOneIsForbidden()
    {
        var repository = await Emulators.CreateRepositoryAsync("acme", "api");
        using var early = await Emulators.InstallationClientAsync(repository);
        using var client = Emulators.GitHub(Emulators.AppJwt());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(client, HttpMethod.Post, "app/installations/1/access_tokens", new { }))
            .Response.StatusCode);
        await Emulators.ControlAsync($"github/installations/{repository["installationId"]}/suspend", new { });
        Assert.Equal(HttpStatusCode.Forbidden,
            (await SendAsync(client, HttpMethod.Post, $"app/installations/{repository["installationId"]}/access_tokens", new { }))
            .Response.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(early, "repos/acme/api")).Response.StatusCode);
    }

    [Fact]
    public async Task AnotherAccountsPrivateRepositoryIsNotFoundAndNothingIsGivenWithoutCredentials()
    {
        await Emulators.CreateRepositoryAsync("acme", "api");
        var foreign = await Emulators.CreateRepositoryAsync("umbrella", "lab");
        using var client = await Emulators.InstallationClientAsync(foreign);
        using var anonymous = Emulators.GitHub();
        using var wrong = Emulators.GitHub("ghs_wrong");
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(client, "repos/acme/api")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(anonymous, "repos/acme/api")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(wrong, "repos/acme/api")).Response.StatusCode);
    }

    [Fact]
    public async Task AnInstallationTokenCannotActAsTheAppNorTheAppAsAnInstallation()
    {
        var (repository, pull) = await OpenPullAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(client, "app")).Response.StatusCode);
        using var app = Emulators.GitHub(Emulators.AppJwt());
        Assert.NotEqual(HttpStatusCode.Created,
            (await SendAsync(app, HttpMethod.Post, "repos/acme/api/check-runs", new { name = "x", head_sha = pull["headSha"] }))
            .Response.StatusCode);
    }

    [Fact]
    public async Task ARevokedTokenIsRefused()
    {
        using var client = await Emulators.InstallationClientAsync(await Emulators.CreateRepositoryAsync("acme", "api"));
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(client, HttpMethod.Delete, "installation/token")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(client, "repos/acme/api")).Response.StatusCode);
    }
}
