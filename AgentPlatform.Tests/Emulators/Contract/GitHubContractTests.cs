using System.Text.Json.Nodes;
using AgentPlatform.Tests.Emulators.GitHub;

namespace AgentPlatform.Tests.Emulators.Contract;

/// <summary>Every answer of the GitHub emulator and every webhook it sends, held against GitHub's published descriptions.</summary>
public sealed class GitHubContractTests : GitHubTest
{
    private const string Unknown = "0123456789012345678901234567890123456789";

    private readonly JsonArray _records = [];

    [GitHubDescriptionsFact]
    public async Task EveryAnswerIsValidByGitHubsDescription()
    {
        var repository = await PrepareAsync();
        using var app = Emulators.GitHub(Emulators.AppJwt());
        using var client = await Emulators.InstallationClientAsync(repository);
        using var reader = await Emulators.InstallationClientAsync(repository, new { permissions = new { metadata = "read" } });
        using var anonymous = Emulators.GitHub();
        await AskAsAppAsync(app, repository["installationId"]!.GetValue<long>());
        await AskAboutTheRepositoryAsync(client);
        await AskAboutChecksAsync(client);
        await AskAboutTalkAsync(client);
        await RecordAsync(reader, HttpMethod.Get, "repos/acme/api/pulls");
        await RecordAsync(anonymous, HttpMethod.Get, "repos/acme/api");
        await RecordAsync(anonymous, HttpMethod.Get, "app");
        await Emulators.ControlAsync("github/faults", new { kind = "SecondaryLimit", status = 429, path = "/branches" });
        await RecordAsync(client, HttpMethod.Get, "repos/acme/api/branches");
        var verdicts = await GitHubDescriptions.ValidateAsync(_records);
        Assert.Equal(_records.Count, verdicts.Count);
        AllValid(verdicts);
    }

    [GitHubDescriptionsFact]
    public async Task EveryWebhookIsValidByGitHubsDescription()
    {
        var repository = await PrepareAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        await Emulators.ControlAsync("github/ping", new { });
        await PushAsync("acme/api", "change", new() { ["src/a.txt"] = "again\n" });
        var (_, run) = await SendAsync(client, HttpMethod.Post, "repos/acme/api/check-runs",
            new { name = "build", head_sha = await HeadAsync(), conclusion = "success" });
        await Emulators.ControlAsync($"github/repositories/acme/api/check-runs/{run["id"]}/rerequest", new { });
        await Emulators.ControlAsync($"github/repositories/acme/api/check-runs/{run["id"]}/actions", new { identifier = "fix" });
        await Emulators.ControlAsync("github/repositories/acme/api/pulls/1/comments", new { user = "ada", body = "/retest" });
        foreach (var verb in new[] { "draft", "ready", "close", "reopen", "merge" })
        {
            await Emulators.ControlAsync($"github/repositories/acme/api/pulls/1/{verb}", new { });
        }

        using var deleted = await Emulators.Control.DeleteAsync("github/repositories/acme/api/branches?branch=change");
        foreach (var verb in new[] { "suspend", "unsuspend" })
        {
            await Emulators.ControlAsync($"github/installations/{repository["installationId"]}/{verb}", new { });
        }

        using var uninstalled = await Emulators.Control.DeleteAsync($"github/installations/{repository["installationId"]}");
        foreach (var delivery in (await Emulators.InspectAsync("github/deliveries")).AsArray())
        {
            var payload = (await Emulators.InspectAsync($"github/deliveries/{delivery!["id"]}"))["payload"]!.GetValue<string>();
            _records.Add(new JsonObject
            {
                ["event"] = delivery["event"]!.GetValue<string>(),
                ["action"] = delivery["action"]?.GetValue<string>(),
                ["body"] = JsonNode.Parse(payload),
            });
        }

        var verdicts = await GitHubDescriptions.ValidateAsync(_records);
        AllValid(verdicts);
        string[] expected =
        [
            "webhook check-run-requested-action", "webhook check-run-rerequested", "webhook installation-created",
                "webhook installation-deleted", "webhook installation-suspend",
            "webhook installation-unsuspend", "webhook issue-comment-created", "webhook ping", "webhook pull-request-closed",
            "webhook pull-request-converted-to-draft",
            "webhook pull-request-opened", "webhook pull-request-ready-for-review", "webhook pull-request-reopened",
            "webhook pull-request-synchronize", "webhook push",
        ];
        Assert.Equal(expected, verdicts.Select(verdict => verdict.Name).Distinct().Order(StringComparer.Ordinal));
    }

    [GitHubDescriptionsFact]
    public async Task TheValidatorFindsWhatIsWrong()
    {
        JsonArray wrong =
        [
            new JsonObject { ["method"] = "GET", ["path"] = "/app", ["status"] = 200, ["body"] = new JsonObject { ["id"] = "seven" } },
            new JsonObject { ["method"] = "GET", ["path"] = "/nowhere/at/all", ["status"] = 200, ["body"] = new JsonObject() },
            new JsonObject { ["event"] = "pull_request", ["action"] = "opened", ["body"] = new JsonObject { ["action"] = "opened" } },
        ];
        Assert.All(await GitHubDescriptions.ValidateAsync(wrong), verdict => Assert.NotEmpty(verdict.Errors));
    }

    private static void AllValid(IReadOnlyList<Verdict> verdicts)
    {
        var faults = verdicts.Where(verdict => verdict.Errors.Count > 0)
            .Select(verdict => $"{verdict.Name}: {string.Join("; ", verdict.Errors.Take(5))}").ToList();
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private async Task<JsonNode> PrepareAsync()
    {
        var (repository, _) = await OpenPullAsync(owner: "acme");
        await Emulators.ControlAsync("github/repositories/acme/api/collaborators", new { login = "ada", role = "maintain" },
            HttpMethod.Put);
        await Emulators.ControlAsync("github/repositories/acme/api/forks", new { owner = "mallory" });
        await PushAsync("mallory/api", "patch", new() { ["x.txt"] = "x\n" });
        await Emulators.ControlAsync("github/repositories/acme/api/pulls",
            new { head = "mallory:patch", title = "From a fork", draft = true });
        await Emulators.ControlAsync("github/deliveries/settle", new { });
        return repository;
    }

    private async Task AskAsAppAsync(HttpClient app, long installation)
    {
        foreach (var path in new[]
        {
            "app", "app/installations", $"app/installations/{installation}", "app/installations/1", "app/hook/config",
                "app/hook/deliveries?per_page=2",
            "app/hook/deliveries?status=sometimes", "repos/acme/api/installation", "repos/acme/nowhere/installation",
        })
        {
            await RecordAsync(app, HttpMethod.Get, path);
        }

        var delivery = (await GetAsync(app, "app/hook/deliveries")).Body[0]!["id"];
        await RecordAsync(app, HttpMethod.Get, $"app/hook/deliveries/{delivery}");
        await RecordAsync(app, HttpMethod.Post, $"app/hook/deliveries/{delivery}/attempts");
        await RecordAsync(app, HttpMethod.Post, $"app/installations/{installation}/access_tokens", new { });
        await RecordAsync(app, HttpMethod.Post, $"app/installations/{installation}/access_tokens",
            new { repositories = new[] { "api" }, permissions = new { checks = "write" } });
        await RecordAsync(app, HttpMethod.Post, $"app/installations/{installation}/access_tokens",
            new { repositories = new[] { "nowhere" } });
        await RecordAsync(app, HttpMethod.Post, "app/installations/1/access_tokens", new { });
    }

    private async Task AskAboutTheRepositoryAsync(HttpClient client)
    {
        var head = await HeadAsync();
        foreach (var path in new[]
        {
            "repos/acme/api", "repos/acme/nowhere", "repos/acme/api/branches", "repos/acme/api/branches/main",
                "repos/acme/api/branches/nowhere", "repos/acme/api/commits",
            $"repos/acme/api/commits/{head}", $"repos/acme/api/commits/{Unknown}", "repos/acme/api/compare/main...change",
            "repos/acme/api/contents/README.md", "repos/acme/api/contents/src",
            "repos/acme/api/contents/nowhere", "repos/acme/api/collaborators/ada/permission", "repos/acme/api/pulls?state=all",
                "repos/acme/api/pulls/1", "repos/acme/api/pulls/2",
            "repos/acme/api/pulls/99", "repos/acme/api/pulls/1/files", "repos/acme/api/pulls/1/commits",
            $"repos/acme/api/commits/{head}/pulls", "installation/repositories", "rate_limit",
        })
        {
            await RecordAsync(client, HttpMethod.Get, path);
        }
    }

    private async Task AskAboutChecksAsync(HttpClient client)
    {
        var head = await HeadAsync();
        var annotations = new[] { new
        {
            path = "src/a.txt",
            start_line = 1,
            end_line = 1,
            start_column = 1,
            end_column = 2,
            annotation_level = "failure",
            message = "Bad",
            title = "T",
            raw_details = "more",
        } };
        var run = await RecordAsync(client, HttpMethod.Post, "repos/acme/api/check-runs",
            new { name = "build", head_sha = head, external_id = "run_1" });
        await RecordAsync(client, HttpMethod.Patch, $"repos/acme/api/check-runs/{run["id"]}", new { status = "in_progress" });
        await RecordAsync(client, HttpMethod.Patch, $"repos/acme/api/check-runs/{run["id"]}",
            new { conclusion = "failure", output = new { title = "t", summary = "s", annotations } });
        await RecordAsync(client, HttpMethod.Post, "repos/acme/api/check-runs", new { head_sha = head });
        await RecordAsync(client, HttpMethod.Post, "repos/acme/api/check-runs", new { name = "x", head_sha = Unknown });
        foreach (var path in new[]
        {
            $"repos/acme/api/check-runs/{run["id"]}", $"repos/acme/api/check-runs/{run["id"]}/annotations", "repos/acme/api/check-runs/1",
                $"repos/acme/api/commits/{head}/check-runs?filter=all",
            $"repos/acme/api/commits/{head}/check-suites", $"repos/acme/api/check-suites/{run["check_suite"]!["id"]}",
            $"repos/acme/api/check-suites/{run["check_suite"]!["id"]}/check-runs",
        })
        {
            await RecordAsync(client, HttpMethod.Get, path);
        }

        await RecordAsync(client, HttpMethod.Post, $"repos/acme/api/check-runs/{run["id"]}/rerequest");
        await RecordAsync(client, HttpMethod.Post, $"repos/acme/api/statuses/{head}",
            new { state = "success", context = "ci", description = "d", target_url = "https://example.test/x" });
        await RecordAsync(client, HttpMethod.Post, $"repos/acme/api/statuses/{head}",
            new { state = "success", description = new string('x', 141) });
        await RecordAsync(client, HttpMethod.Get, $"repos/acme/api/commits/{head}/statuses");
        await RecordAsync(client, HttpMethod.Get, $"repos/acme/api/commits/{head}/status");
    }

    private async Task AskAboutTalkAsync(HttpClient client)
    {
        var comment = await RecordAsync(client, HttpMethod.Post, "repos/acme/api/issues/1/comments", new { body = "Hello" });
        await RecordAsync(client, HttpMethod.Patch, $"repos/acme/api/issues/comments/{comment["id"]}", new { body = "Hello again" });
        await RecordAsync(client, HttpMethod.Get, $"repos/acme/api/issues/comments/{comment["id"]}");
        await RecordAsync(client, HttpMethod.Get, "repos/acme/api/issues/1/comments");
        await RecordAsync(client, HttpMethod.Post, "repos/acme/api/issues/99/comments", new { body = "Hello" });
        await RecordAsync(client, HttpMethod.Post, "repos/acme/api/issues/1/comments", new { body = new string('x', 70_000) });
        var comments = new[] { new { path = "src/a.txt", line = 1, side = "RIGHT", body = "Look" } };
        await RecordAsync(client, HttpMethod.Post, "repos/acme/api/pulls/1/reviews", new { @event = "COMMENT", body = "b", comments });
        await RecordAsync(client, HttpMethod.Post, "repos/acme/api/pulls/1/reviews", new { @event = "COMMENT" });
        await RecordAsync(client, HttpMethod.Get, "repos/acme/api/pulls/1/reviews");
        await RecordAsync(client, HttpMethod.Get, "repos/acme/api/pulls/1/comments");
    }

    private async Task<string> HeadAsync() =>
        (await Emulators.InspectAsync("github/repositories/acme/api/state"))["pulls"]![0]!["headSha"]!.GetValue<string>();

    private async Task<JsonNode> RecordAsync(HttpClient client, HttpMethod method, string path, object? body = null)
    {
        var (response, answer) = await SendAsync(client, method, path, body);
        using (response)
        {
            _records.Add(new JsonObject
            {
                ["method"] = method.Method,
                ["path"] = "/" + path.Split('?')[0],
                ["status"] = (int)response.StatusCode,
                ["body"] = answer.DeepClone(),
            });
            return answer;
        }
    }
}
