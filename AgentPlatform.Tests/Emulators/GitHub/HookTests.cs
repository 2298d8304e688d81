using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Hooks;
using AgentPlatform.Tests.Hosts;
using Microsoft.AspNetCore.Http;

namespace AgentPlatform.Tests.Emulators.GitHub;

public sealed class HookTests : GitHubTest
{
    private WebhookReceiver _receiver = null!;

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["Emulators:GitHub:WebhookUrl"] = _receiver.Url,
        ["Emulators:GitHub:DeliveryTimeout"] = "00:00:01",
    };

    public override async Task InitializeAsync()
    {
        _receiver = await WebhookReceiver.StartAsync();
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public void TheSignatureIsGitHubsPublishedOne() => Assert.Equal(
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        Signature.Sha256("It's a Secret to Everybody", "Hello, World!"u8));

    [Fact]
    public async Task AnOpenedPullRequestIsASignedWebhookOfTheRealSize()
    {
        var (repository, pull) = await OpenPullAsync();
        var webhook = await _receiver.NextAsync("pull_request", "opened");
        Assert.Equal(Signature.Sha256(EmulatorHost.WebhookSecret, webhook.Body), webhook.Headers["X-Hub-Signature-256"]);
        Assert.StartsWith("GitHub-Hookshot/", webhook.Headers["User-Agent"], StringComparison.Ordinal);
        Assert.Equal(("integration", "7001", "application/json"), (
            webhook.Headers["X-GitHub-Hook-Installation-Target-Type"], webhook.Headers["X-GitHub-Hook-Installation-Target-ID"],
            webhook.Headers["Content-Type"]));
        Assert.True(Guid.TryParse(webhook.DeliveryId, out _));
        Assert.False(webhook.Headers.ContainsKey("traceparent"));
        Assert.InRange(webhook.Body.Length, 20_000, 30_000);
        var payload = JsonNode.Parse(webhook.Body)!;
        Assert.Equal(pull["headSha"]!.GetValue<string>(), payload["pull_request"]!["head"]!["sha"]!.GetValue<string>());
        Assert.Equal(repository["installationId"]!.GetValue<long>(), payload["installation"]!["id"]!.GetValue<long>());
        Assert.Null(payload["pull_request"]!["mergeable"]);
    }

    [Fact]
    public async Task EveryStepOfAPullRequestIsAWebhook()
    {
        var (_, pull) = await OpenPullAsync();
        await _receiver.NextAsync("pull_request", "opened");
        var next = await PushAsync("acme/api", "change", new() { ["src/a.txt"] = "two\n" }, user: "ada");
        var synchronize = JsonNode.Parse((await _receiver.NextAsync("pull_request", "synchronize")).Body)!;
        Assert.Equal((pull["headSha"]!.GetValue<string>(), next, "ada"), (
            synchronize["before"]!.GetValue<string>(), synchronize["after"]!.GetValue<string>(),
            synchronize["sender"]!["login"]!.GetValue<string>()));
        foreach (var (verb, action) in new[] { ("draft", "converted_to_draft"), ("ready", "ready_for_review"), ("close", "closed"), ("reopen", "reopened"), ("merge", "closed") })
        {
            await Emulators.ControlAsync($"github/repositories/acme/api/pulls/1/{verb}", new { });
            var payload = JsonNode.Parse((await _receiver.NextAsync("pull_request", action)).Body)!;
            Assert.Equal(verb == "merge", payload["pull_request"]!["merged"]!.GetValue<bool>());
        }
    }

    [Fact]
    public async Task APushIsAWebhookThatTellsWhatItDidToTheBranch()
    {
        await Emulators.CreateRepositoryAsync("acme", "api");
        var first = await PushAsync("acme/api", "topic", new() { ["b.txt"] = "b\n" });
        var created = JsonNode.Parse((await _receiver.NextAsync("push")).Body)!;
        Assert.Equal(("refs/heads/topic", true, false, first), (
            created["ref"]!.GetValue<string>(), created["created"]!.GetValue<bool>(), created["forced"]!.GetValue<bool>(),
            created["head_commit"]!["id"]!.GetValue<string>()));
        Assert.Equal("b.txt", Assert.Single(created["head_commit"]!["added"]!.AsArray())!.GetValue<string>());
        await PushAsync("acme/api", "topic", new() { ["c.txt"] = "c\n" }, from: "main");
        var forced = JsonNode.Parse((await _receiver.NextAsync("push")).Body)!;
        Assert.Equal((first, true), (forced["before"]!.GetValue<string>(), forced["forced"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task PingAndInstallationAreSent()
    {
        await Emulators.ControlAsync("github/ping", new { });
        Assert.NotNull(JsonNode.Parse((await _receiver.NextAsync("ping")).Body)!["zen"]);
        var repository = await Emulators.CreateRepositoryAsync("acme", "api");
        var installation = JsonNode.Parse((await _receiver.NextAsync("installation", "created")).Body)!;
        Assert.Equal(repository["installationId"]!.GetValue<long>(), installation["installation"]!["id"]!.GetValue<long>());
        await Emulators.ControlAsync($"github/installations/{repository["installationId"]}/suspend", new { });
        await _receiver.NextAsync("installation", "suspend");
    }

    [Fact]
    public async Task AFailedDeliveryIsRecordedAndItsRedeliveryKeepsTheGuid()
    {
        _receiver.Answer = async context =>
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await context.Response.WriteAsync("out of order");
        };
        await OpenPullAsync();
        await Emulators.ControlAsync("github/deliveries/settle", new { });
        using var client = Emulators.GitHub(Emulators.AppJwt());
        var failed = (await GetAsync(client, "app/hook/deliveries?status=failure")).Body.AsArray()
            .Single(item => item!["event"]!.GetValue<string>() == "pull_request")!;
        Assert.Equal(("Invalid HTTP Response: 500", 500, false),
            (failed["status"]!.GetValue<string>(), failed["status_code"]!.GetValue<int>(), failed["redelivery"]!.GetValue<bool>()));
        var detail = (await GetAsync(client, $"app/hook/deliveries/{failed["id"]}")).Body;
        Assert.Equal(("opened", "out of order"),
            (detail["request"]!["payload"]!["action"]!.GetValue<string>(), detail["response"]!["payload"]!.GetValue<string>()));

        _receiver.Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return Task.CompletedTask;
        };
        var first = await _receiver.NextAsync("pull_request", "opened");
        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(client, HttpMethod.Post, $"app/hook/deliveries/{failed["id"]}/attempts"))
            .Response.StatusCode);
        var second = await _receiver.NextAsync("pull_request", "opened");
        Assert.Equal(first.DeliveryId, second.DeliveryId);
        Assert.Equal(first.Body, second.Body);
        await Emulators.ControlAsync("github/deliveries/settle", new { });
        var (_, again) = await GetAsync(client, "app/hook/deliveries?status=success");
        Assert.True(again.AsArray().Single(item => item!["event"]!.GetValue<string>() == "pull_request")!["redelivery"]!.GetValue<bool>());
    }

    [Fact]
    public async Task AReceiverThatIsTooSlowTimesOutAndOneThatIsGoneIsNotReached()
    {
        var released = new TaskCompletionSource();
        _receiver.Answer = _ => released.Task;
        await Emulators.ControlAsync("github/ping", new { });
        await Emulators.ControlAsync("github/deliveries/settle", new { });
        released.SetResult();
        await Emulators.ControlAsync("github/webhook", new { url = "http://127.0.0.1:1/", secret = "s" }, HttpMethod.Put);
        await Emulators.ControlAsync("github/ping", new { });
        await Emulators.ControlAsync("github/deliveries/settle", new { });
        using var client = Emulators.GitHub(Emulators.AppJwt());
        var statuses = (await GetAsync(client, "app/hook/deliveries")).Body.AsArray().Select(item => item!["status"]!.GetValue<string>());
        Assert.Equal(["failed to connect to host", "timed out"], statuses);
    }

    [Fact]
    public async Task DeliveriesComeInPagesByCursor()
    {
        for (var count = 0; count < 5; count++)
        {
            await Emulators.ControlAsync("github/ping", new { });
        }

        await Emulators.ControlAsync("github/deliveries/settle", new { });
        using var client = Emulators.GitHub(Emulators.AppJwt());
        var seen = new List<string>();
        string? next = "app/hook/deliveries?per_page=2";
        while (next is not null)
        {
            var (response, body) = await GetAsync(client, next);
            seen.AddRange(body.AsArray().Select(item => item!["guid"]!.GetValue<string>()));
            next = response.Headers.TryGetValues("Link", out var links)
                ? links.Single()[1..links.Single().IndexOf('>', StringComparison.Ordinal)] : null;
        }

        Assert.Equal(5, seen.Distinct().Count());
        Assert.Equal(5, seen.Count);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await GetAsync(client, "app/hook/deliveries?cursor=zzz")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await GetAsync(client, "app/hook/deliveries?status=sometimes"))
            .Response.StatusCode);
    }

    [Fact]
    public async Task ARawDeliveryIsSentAsItIsInManyCopiesAtOnce()
    {
        var answers = (await Emulators.ControlAsync("github/deliveries/raw", new
        {
            text = "{\"action\":",
            copies = 50,
            guid = "0b989ba4-242f-11e5-81e1-c7b6966d2516",
            headers = new Dictionary<string, string?> { ["X-Hub-Signature-256"] = "sha256=00", ["X-Hub-Signature"] = null },
        })).AsArray();
        Assert.All(answers, answer => Assert.Equal(202, answer!["statusCode"]!.GetValue<int>()));
        Assert.Equal(50, answers.Count);
        var first = await _receiver.NextAsync("pull_request");
        Assert.Equal(("sha256=00", "0b989ba4-242f-11e5-81e1-c7b6966d2516", "{\"action\":"),
            (first.Headers["X-Hub-Signature-256"], first.DeliveryId, Encoding.UTF8.GetString(first.Body)));
        Assert.False(first.Headers.ContainsKey("X-Hub-Signature"));
    }
}
