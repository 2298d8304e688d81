using System.Net;
using System.Text.Json.Nodes;
using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.Emulators.GitHub;

public sealed class CheckTests : GitHubTest
{
    private JsonNode _repository = null!;
    private JsonNode _pull = null!;
    private HttpClient _client = null!;

    private string Head => _pull["headSha"]!.GetValue<string>();

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        (_repository, _pull) = await OpenPullAsync();
        _client = await Emulators.InstallationClientAsync(_repository);
    }

    public override async Task DisposeAsync()
    {
        _client.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task ACheckRunGoesFromQueuedToACompletedReport()
    {
        var (created, run) = await CreateAsync(new
        {
            name = "build",
            head_sha = Head,
            external_id = "run_1",
            details_url = "https://example.test/run_1",
        });
        Assert.Equal((HttpStatusCode.Created, "queued"), (created.StatusCode, run["status"]!.GetValue<string>()));
        Assert.True(run["id"]!.GetValue<long>() > int.MaxValue);
        Assert.Equal(1, Assert.Single(run["pull_requests"]!.AsArray())!["number"]!.GetValue<int>());
        await UpdateAsync(run, new { status = "in_progress", started_at = "2026-01-02T03:04:05Z" });
        var (_, done) = await UpdateAsync(run,
            new
            {
                conclusion = "failure",
                output = new { title = "1 problem", summary = "It **failed**", annotations = Annotations(0, 2) },
            });
        Assert.Equal(("completed", "failure", 2), (
            done["status"]!.GetValue<string>(), done["conclusion"]!.GetValue<string>(),
            done["output"]!["annotations_count"]!.GetValue<int>()));
        Assert.NotNull(done["completed_at"]);
        Assert.Equal("run_1", (await GetAsync(_client, $"repos/acme/api/check-runs/{run["id"]}")).Body["external_id"]!.GetValue<string>());
    }

    [Fact]
    public async Task AnnotationsAreAppendedFiftyAtATimeAndListedInPages()
    {
        var (_, run) = await CreateAsync(new { name = "lint", head_sha = Head, output = Output(Annotations(0, 50)) });
        await UpdateAsync(run, new { output = Output(Annotations(50, 50)) });
        await UpdateAsync(run, new { output = Output(Annotations(100, 20)) });
        var (first, page) = await GetAsync(_client, $"repos/acme/api/check-runs/{run["id"]}/annotations?per_page=100");
        Assert.Equal(100, page.AsArray().Count);
        Assert.Contains("rel=\"next\"", first.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        var (_, rest) = await GetAsync(_client, $"repos/acme/api/check-runs/{run["id"]}/annotations?per_page=100&page=2");
        Assert.Equal(Enumerable.Range(0, 120), page.AsArray().Concat(rest.AsArray())
            .Select(annotation => annotation!["start_line"]!.GetValue<int>() - 1));
    }

    [Fact]
    public async Task ARunThatBreaksALimitIsRefusedInGitHubsWords()
    {
        await RefusedAsync(new { name = "x", head_sha = Head, output = Output(Annotations(0, 51)) },
            "No more than 50 items are allowed; 51 were supplied.");
        await RefusedAsync(new { name = "x", head_sha = Head, output = new { title = "t", summary = new string('s', 65_536) } },
            "Only 65535 characters are allowed; 65536 were supplied.");
        await RefusedAsync(new
        {
            name = "x",
            head_sha = Head,
            output = new { title = "t", summary = "s", text = new string('s', 70_000) },
        }, "Only 65535 characters are allowed; 70000 were supplied.");
        await RefusedAsync(new { head_sha = Head }, "\"name\" wasn't supplied.");
        await RefusedAsync(new { name = "x" }, "\"head_sha\" wasn't supplied.");
        await RefusedAsync(new { name = "x", head_sha = Head, status = "completed" }, "\"conclusion\" wasn't supplied.");
        await RefusedAsync(new { name = "x", head_sha = Head, conclusion = "stale" }, "is not a member of");
        await RefusedAsync(new { name = "x", head_sha = Head, output = new { summary = "s" } }, "\"title\" wasn't supplied.");
        await RefusedAsync(new
        {
            name = "x",
            head_sha = Head,
            actions = Enumerable.Repeat(new { label = "l", description = "d", identifier = "i" }, 4),
        }, "No more than 3 items are allowed; 4 were supplied.");
        await RefusedAsync(new
        {
            name = "x",
            head_sha = Head,
            actions = new[] { new { label = new string('l', 21), description = "d", identifier = "i" } },
        }, "Only 20 characters are allowed; 21 were supplied.");
        await RefusedAsync(Annotated(new
        {
            path = "a",
            start_line = 1,
            end_line = 2,
            start_column = 1,
            annotation_level = "notice",
            message = "m",
        }), "only where \"start_line\" and \"end_line\" are the same");
        await RefusedAsync(Annotated(new { path = "a", start_line = 1, end_line = 1, annotation_level = "error", message = "m" }),
            "is not a member of");
        await RefusedAsync(Annotated(new
        {
            path = "a",
            start_line = 1,
            end_line = 1,
            annotation_level = "notice",
            message = new string('m', 65_537),
        }), "Only 65536 bytes are allowed");
        var (unknown, body) = await CreateAsync(new { name = "x", head_sha = new string('0', 40) });
        Assert.Equal((HttpStatusCode.UnprocessableEntity, $"No commit found for SHA: {new string('0', 40)}"),
            (unknown.StatusCode, body["message"]!.GetValue<string>()));
        Assert.Equal(0, (await ListAsync("?filter=all"))["total_count"]!.GetValue<int>());

        object Annotated(object annotation) => new { name = "x", head_sha = Head, output = Output([annotation]) };
    }

    [Fact]
    public async Task RunsAreListedByNameStatusAppAndOnlyTheLatestOfANameUnlessAllAreAskedFor()
    {
        await CreateAsync(new { name = "build", head_sha = Head, external_id = "1" });
        var (_, second) = await CreateAsync(new { name = "build", head_sha = Head, external_id = "2", conclusion = "success" });
        await CreateAsync(new { name = "test", head_sha = Head, external_id = "3" });
        Assert.Equal(second["id"]!.GetValue<long>(),
            Assert.Single((await ListAsync("?check_name=build"))["check_runs"]!.AsArray())!["id"]!.GetValue<long>());
        Assert.Equal(2, (await ListAsync("?check_name=build&filter=all"))["total_count"]!.GetValue<int>());
        Assert.Equal(2, (await ListAsync(string.Empty))["total_count"]!.GetValue<int>());
        Assert.Equal(1, (await ListAsync("?status=completed"))["total_count"]!.GetValue<int>());
        Assert.Equal(2, (await ListAsync($"?app_id={EmulatorHost.AppId}"))["total_count"]!.GetValue<int>());
        Assert.Equal(0, (await ListAsync("?app_id=1"))["total_count"]!.GetValue<int>());
    }

    [Fact]
    public async Task AllRunsOfACommitShareOneSuiteWhoseConclusionIsTheWorst()
    {
        var (_, first) = await CreateAsync(new { name = "build", head_sha = Head, conclusion = "success" });
        var (_, second) = await CreateAsync(new { name = "test", head_sha = Head, conclusion = "failure" });
        Assert.Equal(first["check_suite"]!["id"]!.GetValue<long>(), second["check_suite"]!["id"]!.GetValue<long>());
        var suite = Assert.Single((await GetAsync(_client, $"repos/acme/api/commits/{Head}/check-suites"))
            .Body["check_suites"]!.AsArray())!;
        Assert.Equal(("completed", "failure", "change"),
            (suite["status"]!.GetValue<string>(), suite["conclusion"]!.GetValue<string>(), suite["head_branch"]!.GetValue<string>()));
    }

    [Fact]
    public async Task ARerequestSendsAWebhookAndResetsTheSuiteButNotTheRun()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await Emulators.ControlAsync("github/webhook", new { url = receiver.Url, secret = "s" }, HttpMethod.Put);
        var (_, run) = await CreateAsync(new { name = "build", head_sha = Head, external_id = "run_7", conclusion = "success" });
        await Emulators.ControlAsync($"github/repositories/acme/api/check-runs/{run["id"]}/rerequest", new { user = "ada" });
        var webhook = JsonNode.Parse((await receiver.NextAsync("check_run", "rerequested")).Body)!;
        Assert.Equal(("run_7", "ada", "queued"), (
            webhook["check_run"]!["external_id"]!.GetValue<string>(), webhook["sender"]!["login"]!.GetValue<string>(),
            webhook["check_run"]!["check_suite"]!["status"]!.GetValue<string>()));
        Assert.Equal("completed", (await GetAsync(_client, $"repos/acme/api/check-runs/{run["id"]}")).Body["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task AForksCommitHasNoBranchInItsSuiteAndNoPullRequestsInItsRuns()
    {
        await Emulators.ControlAsync("github/repositories/acme/api/forks", new { owner = "mallory" });
        var sha = await PushAsync("mallory/api", "patch", new() { ["x.txt"] = "x\n" });
        await Emulators.ControlAsync("github/repositories/acme/api/pulls", new { head = "mallory:patch" });
        var (_, run) = await CreateAsync(new { name = "build", head_sha = sha });
        Assert.Empty(run["pull_requests"]!.AsArray());
        Assert.Null((await GetAsync(_client, $"repos/acme/api/check-suites/{run["check_suite"]!["id"]}")).Body["head_branch"]);
    }

    [Fact]
    public async Task WithoutThePermissionNoRunIsWritten()
    {
        using var reader = await Emulators.InstallationClientAsync(_repository, new { permissions = new { checks = "read" } });
        var (response, _) = await SendAsync(reader, HttpMethod.Post, "repos/acme/api/check-runs", new { name = "build", head_sha = Head });
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("checks=write", response.Headers.GetValues("X-Accepted-GitHub-Permissions").Single());
    }

    private static object[] Annotations(int from, int count) =>
        [.. Enumerable.Range(from, count)
            .Select(number => new
            {
                path = "src/a.txt",
                start_line = number + 1,
                end_line = number + 1,
                annotation_level = "warning",
                message = $"Number {number}",
            })];

    private static object Output(object[] annotations) => new { title = "Report", summary = "All there is", annotations };

    private Task<(HttpResponseMessage Response, JsonNode Body)> CreateAsync(object body) =>
        SendAsync(_client, HttpMethod.Post, "repos/acme/api/check-runs", body);

    private async Task<(HttpResponseMessage Response, JsonNode Body)> UpdateAsync(JsonNode run, object body)
    {
        var answer = await SendAsync(_client, HttpMethod.Patch, $"repos/acme/api/check-runs/{run["id"]}", body);
        Assert.Equal(HttpStatusCode.OK, answer.Response.StatusCode);
        return answer;
    }

    private async Task<JsonNode> ListAsync(string query) =>
        (await GetAsync(_client, $"repos/acme/api/commits/{Head}/check-runs{query}")).Body;

    private async Task RefusedAsync(object body, string message)
    {
        var (response, answer) = await CreateAsync(body);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains(message, answer["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }
}
