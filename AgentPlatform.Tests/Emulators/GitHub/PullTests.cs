using System.Net;
using System.Text.Json.Nodes;

namespace AgentPlatform.Tests.Emulators.GitHub;

public sealed class PullTests : GitHubTest
{
    [Fact]
    public async Task APullRequestTellsItsChange()
    {
        var (repository, pull) = await OpenPullAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        var body = (await GetAsync(client, "repos/acme/api/pulls/1")).Body;
        Assert.Equal(pull["headSha"]!.GetValue<string>(), body["head"]!["sha"]!.GetValue<string>());
        Assert.Equal((1, 2, 1, 1, true), (
            body["commits"]!.GetValue<int>(), body["additions"]!.GetValue<int>(), body["deletions"]!.GetValue<int>(),
            body["changed_files"]!.GetValue<int>(), body["mergeable"]!.GetValue<bool>()));
        var file = Assert.Single((await GetAsync(client, "repos/acme/api/pulls/1/files")).Body.AsArray());
        Assert.Equal(("src/a.txt", "modified"), (file!["filename"]!.GetValue<string>(), file["status"]!.GetValue<string>()));
        Assert.Equal("@@ -1,2 +1,3 @@\n one\n-two\n+2\n+three", file["patch"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(client, "repos/acme/api/pulls/2")).Response.StatusCode);
    }

    [Fact]
    public async Task AddedRemovedRenamedAndBinaryFilesAreTold()
    {
        var repository = await Emulators.CreateRepositoryAsync("acme", "api",
            new Dictionary<string, string> { ["old name.txt"] = string.Concat(Enumerable.Repeat("line\n", 20)), ["gone.txt"] = "x\n" });
        await Emulators.ControlAsync("github/repositories/acme/api/commits", new
        {
            branch = "change",
            files = new Dictionary<string, object?>
            {
                ["old name.txt"] = null,
                ["new \"name\".txt"] = string.Concat(Enumerable.Repeat("line\n", 20)),
                ["gone.txt"] = null,
                ["added.txt"] = "new\n",
                ["image.bin"] = new { base64 = Convert.ToBase64String([0, 1, 2, 0, 255]) },
            },
        });
        await Emulators.ControlAsync("github/repositories/acme/api/pulls", new { head = "change" });
        using var client = await Emulators.InstallationClientAsync(repository);
        var files = (await GetAsync(client, "repos/acme/api/pulls/1/files")).Body.AsArray()
            .ToDictionary(file => file!["filename"]!.GetValue<string>(), file => file!);
        Assert.Equal("added", files["added.txt"]["status"]!.GetValue<string>());
        Assert.Equal("removed", files["gone.txt"]["status"]!.GetValue<string>());
        Assert.Equal(("renamed", "old name.txt"),
            (files["new \"name\".txt"]["status"]!.GetValue<string>(), files["new \"name\".txt"]["previous_filename"]!.GetValue<string>()));
        Assert.Null(files["image.bin"]["patch"]);
    }

    [Fact]
    public async Task FilesComeInPagesWithLinksThatNameTheRepositorysId()
    {
        var repository = await Emulators.CreateRepositoryAsync("acme", "api");
        await PushAsync("acme/api", "change", Enumerable.Range(0, 75)
            .ToDictionary(number => $"files/{number:D3}.txt", string? (number) => $"{number}\n"));
        await Emulators.ControlAsync("github/repositories/acme/api/pulls", new { head = "change" });
        using var client = await Emulators.InstallationClientAsync(repository);
        var seen = new List<string>();
        string? next = "repos/acme/api/pulls/1/files?per_page=30";
        while (next is not null)
        {
            var (response, body) = await GetAsync(client, next);
            seen.AddRange(body.AsArray().Select(file => file!["filename"]!.GetValue<string>()));
            var link = response.Headers.TryGetValues("Link", out var links) ? links.Single() : string.Empty;
            next = link.Split(", ").Where(part => part.EndsWith("rel=\"next\"", StringComparison.Ordinal))
                .Select(part => part[(part.IndexOf('<', StringComparison.Ordinal) + 1)..part.IndexOf('>', StringComparison.Ordinal)])
                .SingleOrDefault();
            Assert.True(next is null || next.StartsWith(
                $"{Emulators.ApiUrl}/repositories/{repository["id"]}/pulls/1/files?per_page=30&page=", StringComparison.Ordinal), next);
        }

        Assert.Equal(75, seen.Distinct().Count());
    }

    [Fact]
    public async Task PullsAreListedByStateHeadAndBase()
    {
        var (repository, _) = await OpenPullAsync();
        await PushAsync("acme/api", "second", new() { ["b.txt"] = "b\n" });
        await Emulators.ControlAsync("github/repositories/acme/api/pulls", new { head = "second" });
        await Emulators.ControlAsync("github/repositories/acme/api/pulls/1/close", new { });
        using var client = await Emulators.InstallationClientAsync(repository);
        Assert.Equal([2], await NumbersAsync("pulls"));
        Assert.Equal([1], await NumbersAsync("pulls?state=closed"));
        Assert.Equal([2, 1], await NumbersAsync("pulls?state=all"));
        Assert.Equal([1, 2], await NumbersAsync("pulls?state=all&direction=asc"));
        Assert.Equal([2], await NumbersAsync("pulls?state=all&head=acme:second"));
        Assert.Equal([], await NumbersAsync("pulls?base=nowhere"));

        async Task<IEnumerable<int>> NumbersAsync(string path) =>
            (await GetAsync(client, $"repos/acme/api/{path}")).Body.AsArray().Select(pull => pull!["number"]!.GetValue<int>());
    }

    [Fact]
    public async Task APushMovesTheHeadAndAForcePushMovesItBack()
    {
        var (repository, pull) = await OpenPullAsync();
        var first = pull["headSha"]!.GetValue<string>();
        var second = await PushAsync("acme/api", "change", new() { ["src/a.txt"] = "one\n" });
        using var client = await Emulators.InstallationClientAsync(repository);
        Assert.Equal(second, (await GetAsync(client, "repos/acme/api/pulls/1")).Body["head"]!["sha"]!.GetValue<string>());
        await Emulators.ControlAsync("github/repositories/acme/api/branches", new { branch = "change", sha = first }, HttpMethod.Put);
        Assert.Equal(first, (await GetAsync(client, "repos/acme/api/pulls/1")).Body["head"]!["sha"]!.GetValue<string>());
    }

    [Fact]
    public async Task AForksPullRequestNamesTheForkUntilItIsDeleted()
    {
        var repository = await Emulators.CreateRepositoryAsync("acme", "api");
        await Emulators.ControlAsync("github/repositories/acme/api/forks", new { owner = "mallory" });
        var sha = await PushAsync("mallory/api", "patch", new() { ["x.txt"] = "x\n" });
        await Emulators.ControlAsync("github/repositories/acme/api/pulls", new { head = "mallory:patch" });
        using var client = await Emulators.InstallationClientAsync(repository);
        var pull = (await GetAsync(client, "repos/acme/api/pulls/1")).Body;
        Assert.Equal(("mallory/api", "acme/api", sha), (
            pull["head"]!["repo"]!["full_name"]!.GetValue<string>(), pull["base"]!["repo"]!["full_name"]!.GetValue<string>(),
            pull["head"]!["sha"]!.GetValue<string>()));
        using var deleted = await Emulators.Control.DeleteAsync("github/repositories/mallory/api");
        Assert.Null((await GetAsync(client, "repos/acme/api/pulls/1")).Body["head"]!["repo"]);
    }

    [Fact]
    public async Task AConflictIsNotMergeableAndAMergeMovesTheBase()
    {
        var (repository, _) = await OpenPullAsync();
        await PushAsync("acme/api", "clash", new() { ["src/a.txt"] = "uno\ndos\n" });
        await Emulators.ControlAsync("github/repositories/acme/api/pulls", new { head = "clash" });
        using var client = await Emulators.InstallationClientAsync(repository);
        await Emulators.ControlAsync("github/repositories/acme/api/pulls/1/merge", new { });
        var merged = (await GetAsync(client, "repos/acme/api/pulls/1")).Body;
        Assert.Equal(("closed", true), (merged["state"]!.GetValue<string>(), merged["merged"]!.GetValue<bool>()));
        Assert.Equal(merged["merge_commit_sha"]!.GetValue<string>(), (await GetAsync(client, "repos/acme/api/branches/main"))
            .Body["commit"]!["sha"]!.GetValue<string>());
        await PushAsync("acme/api", "clash", new() { ["b.txt"] = "b\n" });
        Assert.Equal("dirty", (await GetAsync(client, "repos/acme/api/pulls/2")).Body["mergeable_state"]!.GetValue<string>());
    }

    [Fact]
    public async Task TheDiffMediaTypeGivesThePatch()
    {
        var (repository, _) = await OpenPullAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        client.DefaultRequestHeaders.Accept.Clear();
        client.DefaultRequestHeaders.Accept.ParseAdd("application/vnd.github.diff");
        Assert.StartsWith("diff --git a/src/a.txt b/src/a.txt", await client.GetStringAsync("repos/acme/api/pulls/1"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task BranchNamesWithShellAndOptionCharactersAreTakenAsTheyAre()
    {
        var repository = await Emulators.CreateRepositoryAsync("acme", "api");
        using var client = await Emulators.InstallationClientAsync(repository);
        string[] names = ["--upload-pack=id", "-x", "a$(touch${IFS}x)b", "a;id", "a|b", "a&b", "`id`", "it's\"quoted\"", "a<b>c", "a!b",
            "a%0a", "feature/slashed", "\u2603", "HEAD", "refs/heads/x"];
        foreach (var (index, name) in names.Index())
        {
            var sha = await PushAsync("acme/api", name, new() { ["x.txt"] = $"{index}\n" });
            await Emulators.ControlAsync("github/repositories/acme/api/pulls", new { head = name });
            var pull = (await GetAsync(client, $"repos/acme/api/pulls/{index + 1}")).Body;
            Assert.Equal((name, sha), (pull["head"]!["ref"]!.GetValue<string>(), pull["head"]!["sha"]!.GetValue<string>()));
        }
    }

    [Fact]
    public async Task AReviewIsListedWithItsLineComments()
    {
        var (repository, pull) = await OpenPullAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        var comments = new[] { new { path = "src/a.txt", line = 2, side = "RIGHT", body = "Why 2?" } };
        var (created, review) = await SendAsync(client, HttpMethod.Post, "repos/acme/api/pulls/1/reviews",
            new { @event = "COMMENT", body = "Please look", commit_id = pull["headSha"], comments });
        Assert.Equal((HttpStatusCode.OK, "COMMENTED"), (created.StatusCode, review["state"]!.GetValue<string>()));
        Assert.Equal("Why 2?", Assert.Single((await GetAsync(client, "repos/acme/api/pulls/1/comments")).Body.AsArray())![
            "body"]!.GetValue<string>());
        Assert.Single((await GetAsync(client, "repos/acme/api/pulls/1/reviews")).Body.AsArray());
        var elsewhere = new[] { new { path = "nowhere.txt", line = 1, body = "?" } };
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await SendAsync(client, HttpMethod.Post, "repos/acme/api/pulls/1/reviews", new { @event = "COMMENT", comments = elsewhere }))
            .Response.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync(client, HttpMethod.Post, "repos/acme/api/pulls/1/reviews", JsonNode.Parse("""{"event":"COMMENT"}"""))).Response.StatusCode);
    }
}
