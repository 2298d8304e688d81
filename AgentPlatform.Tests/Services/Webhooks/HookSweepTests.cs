using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using AgentPlatform.ServiceDefaults.GitHub;
using AgentPlatform.Tests.Hosts;
using Microsoft.Extensions.DependencyInjection;
using Services.Webhooks.HookDeliveries;

namespace AgentPlatform.Tests.Services.Webhooks;

/// <summary>What GitHub could not deliver is read from its own list. GitHub is the emulator.</summary>
public sealed class HookSweepTests : WebhooksTest
{
    private EmulatorHost _emulators = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _emulators = await EmulatorHost.StartAsync();
    }

    public override async Task DisposeAsync()
    {
        await _emulators.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task WhereGitHubCannotReachUsDeliveriesAreReadFromItsList()
    {
        await using var node = await StartSweepingAsync();

        await OpenPullRequestAsync();

        await Eventually.TrueAsync(async () => (await node.PublishedAsync()).Any(delivery => delivery is { Event: "pull_request", Action: "opened" }), "the pull request published");
        var delivery = (await node.PublishedAsync()).Single(delivery => delivery.Event == "pull_request");
        Assert.Equal((1L, "acme/api"), (delivery.PullRequest, delivery.Repository));
        Assert.NotNull(delivery.HeadSha);
        Assert.Contains("hook_api", await node.QueryAsync<string>("SELECT source FROM webhooks.deliveries"));
        Assert.All(await node.StatesAsync(), state => Assert.Equal("pending", state));
    }

    [Fact]
    public async Task EachDeliveryIsReadOnceHoweverOftenTheListIs()
    {
        await using var node = await StartSweepingAsync(interval: "01:00:00");
        await OpenPullRequestAsync();
        await _emulators.ControlAsync("github/deliveries/settle", new { });
        var sweep = node.Services.GetRequiredService<HookSweep>();

        await Eventually.TrueAsync(async () => await sweep.SweepOnceAsync(CancellationToken.None) > 0, "a first sweep");
        var stored = (await node.StatesAsync()).Count;
        await PushAsync("more");
        await _emulators.ControlAsync("github/deliveries/settle", new { });
        var second = await sweep.SweepOnceAsync(CancellationToken.None);

        Assert.Equal(0, await sweep.SweepOnceAsync(CancellationToken.None));
        Assert.True(second > 0);
        Assert.Equal(stored + second, (await node.StatesAsync()).Count);
        Assert.Equal(stored + second, (await node.QueryAsync<Guid>("SELECT DISTINCT delivery_guid FROM webhooks.deliveries")).Count);
    }

    [Fact]
    public async Task OnlyWhatWasLostIsRead()
    {
        await using var node = await StartSweepingAsync(interval: "01:00:00");
        await _emulators.ControlAsync("github/webhook", new { url = new Uri(node.Client.BaseAddress!, "webhooks/github").ToString(), secret = Payloads.Secret }, HttpMethod.Put);
        await OpenPullRequestAsync();
        await _emulators.ControlAsync("github/deliveries/settle", new { });
        var arrived = (await node.StatesAsync()).Count;
        Assert.NotEqual(0, arrived);

        await _emulators.ControlAsync("github/webhook", new { url = "http://127.0.0.1:1/", secret = Payloads.Secret }, HttpMethod.Put);
        await PushAsync("lost");
        await _emulators.ControlAsync("github/deliveries/settle", new { });
        await Eventually.TrueAsync(async () => await node.Services.GetRequiredService<HookSweep>().SweepOnceAsync(CancellationToken.None) > 0, "the lost ones read");

        var sources = await node.QueryAsync<string>("SELECT source FROM webhooks.deliveries");
        Assert.Equal(arrived, sources.Count(source => source == "webhook"));
        Assert.True(sources.Count > arrived);
    }

    [Fact]
    public async Task ALongListIsReadInPagesOverSeveralSweeps()
    {
        await using var node = await StartSweepingAsync(interval: "01:00:00", pagesMax: 1);
        await OpenPullRequestAsync();
        for (var n = 0; n < 130; n++)
        {
            await _emulators.ControlAsync("github/ping", new { });
        }

        await _emulators.ControlAsync("github/deliveries/settle", new { });
        var sweep = node.Services.GetRequiredService<HookSweep>();

        // The pings fill the first page; what is worth keeping lies behind it.
        await Eventually.TrueAsync(async () => await sweep.SweepOnceAsync(CancellationToken.None) > 0, "the second page read");

        await Eventually.TrueAsync(async () => (await node.PublishedAsync()).Any(delivery => delivery.Event == "pull_request"), "the pull request published");
    }

    [Fact]
    public async Task ASweepOfManyPayloadsIsNotKeptForEachOfThem()
    {
        await using var node = await StartSweepingAsync(interval: "01:00:00");
        await OpenPullRequestAsync();
        for (var n = 0; n < 10; n++)
        {
            await PushAsync($"change {n}");
        }

        await _emulators.ControlAsync("github/deliveries/settle", new { });
        await node.QueryAsync<int>(
            """
            CREATE TABLE webhooks.writes (at timestamptz);
            CREATE FUNCTION webhooks.note_write() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO webhooks.writes VALUES (now()); RETURN NULL; END';
            CREATE TRIGGER writes AFTER UPDATE ON webhooks.hook_sweeps FOR EACH ROW EXECUTE FUNCTION webhooks.note_write();
            """);
        var taken = 0;
        await Eventually.TrueAsync(async () => (taken = await node.Services.GetRequiredService<HookSweep>().SweepOnceAsync(CancellationToken.None)) > 0, "the sweep taken");

        // Taken, saved with its one page, and given back. It is kept beside that only where reading takes long.
        Assert.InRange((await node.QueryAsync<DateTimeOffset>("SELECT at FROM webhooks.writes")).Count, 2, taken - 1);
    }

    [Fact]
    public async Task TwoReplicasDoNotSweepAtOnce()
    {
        await using var first = await StartSweepingAsync(interval: "01:00:00");
        await using var second = await StartSweepingAsync(interval: "01:00:00");
        await Eventually.TrueAsync(async () => await first.Services.GetRequiredService<HookSweepStore>().TakeAsync("github.com/7001", CancellationToken.None) is not null, "the sweep taken");

        Assert.Null(await second.Services.GetRequiredService<HookSweepStore>().TakeAsync("github.com/7001", CancellationToken.None));
    }

    [Fact]
    public async Task TheAppsTokenIsOneThatGitHubTakesAndThatIsKept()
    {
        await using var node = await StartSweepingAsync(interval: "01:00:00");
        var tokens = node.Services.GetRequiredService<AppTokens>();
        using var client = _emulators.GitHub(tokens.Current());

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("app/hook/deliveries")).StatusCode);
        Assert.Equal(tokens.Current(), tokens.Current());
    }

    [Fact]
    public async Task AKeyThatIsNoKeyIsNamedAndNotShown()
    {
        await using var node = await StartAsync(new() { ["GitHub:AppId"] = "7001", ["GitHub:PrivateKey"] = "canary-of-a-key", ["Webhooks:HookDeliveries:Enabled"] = "false" });

        var error = Assert.Throws<InvalidOperationException>(node.Services.GetRequiredService<AppTokens>().Current);

        Assert.Contains("GitHub:PrivateKey", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":1,"request":{"headers":{"payload":{"no":1}},"payload":{"yes":{}}},"response":{"payload":"x"}}""", """{"yes":{}}""")]
    [InlineData("""{"request":{"payload":null}}""", null)]
    [InlineData("""{"request":null}""", null)]
    [InlineData("""{"payload":{"no":1}}""", null)]
    [InlineData("[]", null)]
    public void ThePayloadIsTakenAsGitHubWroteIt(string answer, string? payload)
    {
        var bytes = Encoding.UTF8.GetBytes(answer);

        Assert.Equal(payload, HookDeliveryClient.PayloadRange(bytes) is { } range ? Encoding.UTF8.GetString(bytes[range]) : null);
    }

    private Task<WebhooksNode> StartSweepingAsync(string interval = "00:00:00.200", int pagesMax = 10)
    {
        return StartAsync(new()
        {
            ["GitHub:AppId"] = $"{EmulatorHost.AppId}",
            ["GitHub:ApiUrl"] = _emulators.ApiUrl,
            ["GitHub:PrivateKey"] = EmulatorHost.AppPrivateKey,
            ["Webhooks:HookDeliveries:Interval"] = interval,
            ["Webhooks:HookDeliveries:PagesMax"] = $"{pagesMax}",
        });
    }

    private async Task OpenPullRequestAsync()
    {
        await _emulators.CreateRepositoryAsync("acme", "api", new Dictionary<string, string> { ["README.md"] = "# Hello\n" });
        await PushAsync("first");
        await _emulators.ControlAsync("github/repositories/acme/api/pulls", new { head = "change", title = "A change", body = "Why not" });
    }

    private Task<JsonNode> PushAsync(string text) => _emulators.ControlAsync(
        "github/repositories/acme/api/commits", new { branch = "change", files = new Dictionary<string, string> { ["a.txt"] = text }, message = "Change" });
}
