using System.Net;
using AgentPlatform.Tests.Fakes;

namespace AgentPlatform.Tests.Emulators.GitHub;

public sealed class LimitAndFaultTests : GitHubTest
{
    private readonly ManualTimeProvider _clock = new();

    protected override TimeProvider Time => _clock;

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["Emulators:GitHub:RateLimits:PointsPerMinute"] = "900",
        ["Emulators:GitHub:RateLimits:ContentPerMinute"] = "80",
        ["Emulators:GitHub:RateLimits:ContentPerHour"] = "500",
        ["Emulators:GitHub:RateLimits:ConcurrentRequests"] = "100",
    };

    [Fact]
    public async Task ANotModifiedAnswerIsFreeAndAChangeIsNot()
    {
        var (repository, _) = await OpenPullAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        var (first, _) = await GetAsync(client, "repos/acme/api/pulls/1");
        var tag = first.Headers.ETag!.ToString();
        var (unchanged, empty) = await SendAsync(client, HttpMethod.Get, "repos/acme/api/pulls/1", ifNoneMatch: tag);
        Assert.Equal((HttpStatusCode.NotModified, "{}"), (unchanged.StatusCode, empty.ToJsonString()));
        Assert.Equal(Remaining(first), Remaining(unchanged));
        await Emulators.ControlAsync("github/repositories/acme/api/pulls/1/draft", new { });
        var (changed, _) = await SendAsync(client, HttpMethod.Get, "repos/acme/api/pulls/1", ifNoneMatch: tag);
        Assert.Equal((HttpStatusCode.OK, Remaining(first) - 1), (changed.StatusCode, Remaining(changed)));
    }

    [Fact]
    public async Task TheHoursBudgetRunsOutAndComesBack()
    {
        using var client = await Emulators.InstallationClientAsync(await Emulators.CreateRepositoryAsync("acme", "api"));
        await Emulators.ControlAsync("github/limits", new { requestsPerHour = 2 }, HttpMethod.Put);
        await GetAsync(client, "repos/acme/api");
        await GetAsync(client, "repos/acme/api");
        var (refused, body) = await GetAsync(client, "repos/acme/api");
        Assert.Equal((HttpStatusCode.Forbidden, 0), (refused.StatusCode, Remaining(refused)));
        Assert.StartsWith("API rate limit exceeded", body["message"]!.GetValue<string>(), StringComparison.Ordinal);
        var reset = DateTimeOffset.FromUnixTimeSeconds(long.Parse(refused.Headers.GetValues("X-RateLimit-Reset").Single(),
            System.Globalization.CultureInfo.InvariantCulture));
        Assert.InRange(reset - _clock.GetUtcNow(), TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(60));
        _clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(client, "repos/acme/api")).Response.StatusCode);
        _clock.Advance(TimeSpan.FromMinutes(2));
        using var later = await Emulators.InstallationClientAsync((await Emulators.InspectAsync("github/repositories"))[0]!);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(later, "repos/acme/api")).Response.StatusCode);
    }

    [Fact]
    public async Task MoreThanEightyCommentsAMinuteMeetTheSecondaryLimit()
    {
        var (repository, _) = await OpenPullAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        for (var number = 0; number < 80; number++)
        {
            Assert.Equal(HttpStatusCode.Created,
                (await SendAsync(client, HttpMethod.Post, "repos/acme/api/issues/1/comments", new { body = "x" })).Response.StatusCode);
        }

        var (refused, body) = await SendAsync(client, HttpMethod.Post, "repos/acme/api/issues/1/comments", new { body = "x" });
        Assert.Equal((HttpStatusCode.Forbidden, TimeSpan.FromSeconds(60)), (refused.StatusCode, refused.Headers.RetryAfter!.Delta));
        Assert.Contains("secondary rate limit", body["message"]!.GetValue<string>(), StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(HttpStatusCode.Created,
            (await SendAsync(client, HttpMethod.Post, "repos/acme/api/issues/1/comments", new { body = "x" })).Response.StatusCode);
    }

    [Fact]
    public async Task AskingForTheLimitCostsNothing()
    {
        using var client = await Emulators.InstallationClientAsync(await Emulators.CreateRepositoryAsync("acme", "api"));
        for (var count = 0; count < 3; count++)
        {
            Assert.Equal(5000, (await GetAsync(client, "rate_limit")).Body["rate"]!["remaining"]!.GetValue<int>());
        }
    }

    [Fact]
    public async Task ALostAnswerHasHadItsEffectAndALostRequestHasNot()
    {
        var (repository, _) = await OpenPullAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        await Emulators.ControlAsync("github/faults", new { kind = "LostAnswer", method = "POST", path = "/comments" });
        await Assert.ThrowsAsync<HttpRequestException>(() =>
            SendAsync(client, HttpMethod.Post, "repos/acme/api/issues/1/comments", new { body = "written" }));
        await Emulators.ControlAsync("github/faults", new { kind = "LostRequest", method = "POST", path = "/comments" });
        await Assert.ThrowsAsync<HttpRequestException>(() =>
            SendAsync(client, HttpMethod.Post, "repos/acme/api/issues/1/comments", new { body = "unwritten" }));
        Assert.Equal("written", Assert.Single((await GetAsync(client, "repos/acme/api/issues/1/comments")).Body.AsArray())![
            "body"]!.GetValue<string>());
    }

    [Fact]
    public async Task FaultsMeetTheCallsTheyNameAsOftenAsTheySay()
    {
        var (repository, _) = await OpenPullAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        await Emulators.ControlAsync("github/faults", new { kind = "Status", status = 502, path = "/pulls/1", times = 2 });
        await Emulators.ControlAsync("github/faults", new { kind = "SecondaryLimit", status = 429, seconds = 7, path = "/branches" });
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(client, "repos/acme/api")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.BadGateway, (await GetAsync(client, "repos/acme/api/pulls/1")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.BadGateway, (await GetAsync(client, "repos/acme/api/pulls/1")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(client, "repos/acme/api/pulls/1")).Response.StatusCode);
        var (limited, _) = await GetAsync(client, "repos/acme/api/branches");
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(7)), (limited.StatusCode, limited.Headers.RetryAfter!.Delta));
    }

    [Fact]
    public async Task ADelayedCallWaitsForItsTime()
    {
        using var client = await Emulators.InstallationClientAsync(await Emulators.CreateRepositoryAsync("acme", "api"));
        await Emulators.ControlAsync("github/faults", new { kind = "Delay", seconds = 90 });
        var waiting = GetAsync(client, "repos/acme/api");
        await _clock.WaitForTimerAsync(due => due == TimeSpan.FromSeconds(90));
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal(HttpStatusCode.OK, (await waiting).Response.StatusCode);
    }

    [Fact]
    public async Task CallsAreRecordedWithoutTheirTokens()
    {
        var repository = await Emulators.CreateRepositoryAsync("acme", "api");
        var token = await Emulators.TokenAsync(repository);
        using var client = Emulators.GitHub(token);
        await GetAsync(client, "repos/acme/api?x=1");
        var calls = await Emulators.InspectAsync("github/calls?path=repos/acme/api");
        var call = Assert.Single(calls.AsArray())!;
        Assert.Equal(("GET", "/github/api/v3/repos/acme/api?x=1", 200),
            (call["method"]!.GetValue<string>(), call["path"]!.GetValue<string>(), call["status"]!.GetValue<int>()));
        Assert.DoesNotContain(token, (await Emulators.InspectAsync("github/calls")).ToJsonString(), StringComparison.Ordinal);
    }

    private static int Remaining(HttpResponseMessage response) =>
        int.Parse(response.Headers.GetValues("X-RateLimit-Remaining").Single(), System.Globalization.CultureInfo.InvariantCulture);
}
