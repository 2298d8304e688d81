using System.Net;
using System.Text.Json.Nodes;
using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.Emulators.GitHub;

public sealed class CommentAndStatusTests : GitHubTest
{
    [Fact]
    public async Task ACommentIsCreatedListedAndEdited()
    {
        var (repository, _) = await OpenPullAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        var (created, comment) = await SendAsync(client, HttpMethod.Post, "repos/acme/api/issues/1/comments", new { body = "First <b>" });
        Assert.Equal((HttpStatusCode.Created, "agentplatform[bot]", "Bot"),
            (created.StatusCode, comment["user"]!["login"]!.GetValue<string>(), comment["user"]!["type"]!.GetValue<string>()));
        var (edited, _) = await SendAsync(client, HttpMethod.Patch, $"repos/acme/api/issues/comments/{comment["id"]}",
            new { body = "Second" });
        Assert.Equal(HttpStatusCode.OK, edited.StatusCode);
        Assert.Equal("Second", Assert.Single((await GetAsync(client, "repos/acme/api/issues/1/comments")).Body.AsArray())![
            "body"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NotFound,
            (await SendAsync(client, HttpMethod.Post, "repos/acme/api/issues/9/comments", new { body = "x" })).Response.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await SendAsync(client, HttpMethod.Post, "repos/acme/api/issues/1/comments", new { })).Response.StatusCode);
        var (long_, body) = await SendAsync(client, HttpMethod.Post, "repos/acme/api/issues/1/comments",
            new { body = new string('x', 65_537) });
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "Body is too long (maximum is 65536 characters)"),
            (long_.StatusCode, body["errors"]![0]!["message"]!.GetValue<string>()));
    }

    [Fact]
    public async Task APersonsCommentIsAWebhookThatNamesNoCommitAndIsNotTheAppsToEdit()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await Emulators.ControlAsync("github/webhook", new { url = receiver.Url, secret = "s" }, HttpMethod.Put);
        var (repository, pull) = await OpenPullAsync();
        var comment = await Emulators.ControlAsync("github/repositories/acme/api/pulls/1/comments", new { user = "ada", body = "/retest" });
        var webhook = await receiver.NextAsync("issue_comment", "created");
        var payload = JsonNode.Parse(webhook.Body)!;
        Assert.Equal(("/retest", "NONE"),
            (payload["comment"]!["body"]!.GetValue<string>(), payload["comment"]!["author_association"]!.GetValue<string>()));
        Assert.NotNull(payload["issue"]!["pull_request"]);
        Assert.DoesNotContain(pull["headSha"]!.GetValue<string>(), payload.ToJsonString(), StringComparison.Ordinal);
        using var client = await Emulators.InstallationClientAsync(repository);
        Assert.Equal(HttpStatusCode.Forbidden,
            (await SendAsync(client, HttpMethod.Patch, $"repos/acme/api/issues/comments/{comment["id"]}", new { body = "x" }))
            .Response.StatusCode);
    }

    [Fact]
    public async Task StatusesAreCombinedByContext()
    {
        var (repository, pull) = await OpenPullAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        foreach (var (state, context) in new[] { ("pending", "ci/build"), ("success", "ci/build"), ("success", "ci/test") })
        {
            Assert.Equal(HttpStatusCode.Created,
                (await SendAsync(client, HttpMethod.Post, $"repos/acme/api/statuses/{pull["headSha"]}",
                new { state, context, target_url = "https://example.test" })).Response.StatusCode);
        }

        var combined = (await GetAsync(client, $"repos/acme/api/commits/{pull["headSha"]}/status")).Body;
        Assert.Equal(("success", 2), (combined["state"]!.GetValue<string>(), combined["total_count"]!.GetValue<int>()));
        Assert.Equal(3, (await GetAsync(client, $"repos/acme/api/commits/{pull["headSha"]}/statuses")).Body.AsArray().Count);
    }

    [Fact]
    public async Task AStatusThatBreaksALimitIsRefused()
    {
        var (repository, pull) = await OpenPullAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        var path = $"repos/acme/api/statuses/{pull["headSha"]}";
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync(client, HttpMethod.Post, path, new { state = "done" }))
            .Response.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await SendAsync(client, HttpMethod.Post, path, new { state = "success", description = new string('x', 141) }))
            .Response.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await SendAsync(client, HttpMethod.Post, "repos/acme/api/statuses/1234567", new { state = "success" })).Response.StatusCode);
        foreach (var sha in new[] { "--output=made", "HEAD", "main", "$(id)" })
        {
            using var refused = (await SendAsync(client, HttpMethod.Post, $"repos/acme/api/statuses/{Uri.EscapeDataString(sha)}", new { state = "success" })).Response;
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        }

        for (var number = 0; number < 1000; number++)
        {
            Assert.Equal(HttpStatusCode.Created, (await SendAsync(client, HttpMethod.Post, path, new { state = "pending" }))
                .Response.StatusCode);
        }

        var (full, body) = await SendAsync(client, HttpMethod.Post, path, new { state = "success" });
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "This SHA and context has reached the maximum number of statuses."),
            (full.StatusCode, body["errors"]![0]!["message"]!.GetValue<string>()));
    }
}
