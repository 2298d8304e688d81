using System.Net;
using System.Text;

namespace AgentPlatform.Tests.Emulators.GitHub;

public sealed class RepositoryTests : GitHubTest
{
    [Fact]
    public async Task ARepositoryIsFoundByNameAndByIdAndARenamedOneRedirects()
    {
        var repository = await Emulators.CreateRepositoryAsync("acme", "api");
        using var client = await Emulators.InstallationClientAsync(repository);
        var byName = (await GetAsync(client, "repos/acme/api")).Body;
        var byId = (await GetAsync(client, $"repositories/{repository["id"]}")).Body;
        Assert.Equal(byName.ToJsonString(), byId.ToJsonString());
        Assert.Equal($"{Emulators.GitUrl}/acme/api.git", byName["clone_url"]!.GetValue<string>());

        await Emulators.ControlAsync("github/repositories/acme/api/rename", new { name = "service" });
        var (moved, body) = await GetAsync(client, "repos/acme/api/pulls");
        Assert.Equal(HttpStatusCode.MovedPermanently, moved.StatusCode);
        Assert.Equal($"{Emulators.ApiUrl}/repositories/{repository["id"]}/pulls", body["url"]!.GetValue<string>());
        Assert.Equal("acme/service", (await GetAsync(client, $"repositories/{repository["id"]}")).Body["full_name"]!.GetValue<string>());
    }

    [Fact]
    public async Task ADeletedRepositoryIsNotFound()
    {
        var repository = await Emulators.CreateRepositoryAsync("acme", "api");
        using var client = await Emulators.InstallationClientAsync(repository);
        using var deleted = await Emulators.Control.DeleteAsync("github/repositories/acme/api");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(client, $"repositories/{repository["id"]}")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(client, "repos/acme/api/pulls/1")).Response.StatusCode);
    }

    [Fact]
    public async Task AFileIsReadAtAnyCommitByBase64OrRaw()
    {
        var (repository, pull) = await OpenPullAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        var (_, atBase) = await GetAsync(client, "repos/acme/api/contents/src/a.txt");
        Assert.Equal("one\ntwo\n", Encoding.UTF8.GetString(Convert.FromBase64String(atBase["content"]!.GetValue<string>())));
        var (_, atHead) = await GetAsync(client, $"repos/acme/api/contents/src/a.txt?ref={pull["headSha"]}");
        Assert.Equal("one\n2\nthree\n", Encoding.UTF8.GetString(Convert.FromBase64String(atHead["content"]!.GetValue<string>())));
        client.DefaultRequestHeaders.Accept.Clear();
        client.DefaultRequestHeaders.Accept.ParseAdd("application/vnd.github.raw+json");
        Assert.Equal("one\n2\nthree\n", await client.GetStringAsync($"repos/acme/api/contents/src/a.txt?ref={pull["headSha"]}"));
        foreach (var path in new[] { "contents/nowhere.txt", "contents/src/..%2F..%2Fsecret", "contents/README.md?ref=nowhere" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(client, $"repos/acme/api/{path}")).Response.StatusCode);
        }
    }

    [Fact]
    public async Task ADirectoryListsItsEntries()
    {
        using var client = await Emulators.InstallationClientAsync((await OpenPullAsync()).Repository);
        var entries = (await GetAsync(client, "repos/acme/api/contents/")).Body.AsArray();
        Assert.Equal([("README.md", "file"), ("src", "dir")],
            entries.Select(entry => (entry!["name"]!.GetValue<string>(), entry["type"]!.GetValue<string>())));
    }

    [Fact]
    public async Task CommitsBranchesAndComparisonsTellWhatGitKnows()
    {
        var (repository, pull) = await OpenPullAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        var branch = (await GetAsync(client, "repos/acme/api/branches/change")).Body;
        Assert.Equal(pull["headSha"]!.GetValue<string>(), branch["commit"]!["sha"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(client, "repos/acme/api/branches/nowhere")).Response.StatusCode);
        var commit = (await GetAsync(client, $"repos/acme/api/commits/{pull["headSha"]}")).Body;
        Assert.Equal(["src/a.txt"], commit["files"]!.AsArray().Select(file => file!["filename"]!.GetValue<string>()));
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await GetAsync(client, "repos/acme/api/commits/0123456789012345678901234567890123456789")).Response.StatusCode);
        var comparison = (await GetAsync(client, "repos/acme/api/compare/main...change")).Body;
        Assert.Equal(("ahead", 1, 0),
            (comparison["status"]!.GetValue<string>(), comparison["ahead_by"]!.GetValue<int>(), comparison["behind_by"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData("admin", "admin", "admin")]
    [InlineData("maintain", "write", "maintain")]
    [InlineData("write", "write", "write")]
    [InlineData("triage", "read", "triage")]
    [InlineData("read", "read", "read")]
    public async Task ACollaboratorsRoleIsToldInTheOldAndTheNewWord(string role, string permission, string roleName)
    {
        using var client = await Emulators.InstallationClientAsync(await Emulators.CreateRepositoryAsync("acme", "api"));
        await Emulators.ControlAsync("github/repositories/acme/api/collaborators", new { login = "ada", role }, HttpMethod.Put);
        var body = (await GetAsync(client, "repos/acme/api/collaborators/ada/permission")).Body;
        Assert.Equal((permission, roleName), (body["permission"]!.GetValue<string>(), body["role_name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task AStrangerHasNoPermissionOnAPrivateRepositoryAndAnUnknownLoginIsNotFound()
    {
        await Emulators.CreateRepositoryAsync("mallory", "own");
        using var client = await Emulators.InstallationClientAsync(await Emulators.CreateRepositoryAsync("acme", "api"));
        Assert.Equal("none", (await GetAsync(client, "repos/acme/api/collaborators/mallory/permission"))
            .Body["permission"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(client, "repos/acme/api/collaborators/nobody/permission"))
            .Response.StatusCode);
    }

    [Fact]
    public async Task ADirectoryOfTheMachineBecomesARepositoryWithLinksAsLinks()
    {
        var directory = Directory.CreateTempSubdirectory("ap-import-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "run.sh"), "echo hi\n");
            File.CreateSymbolicLink(Path.Combine(directory.FullName, "passwd"), "/etc/passwd");
            var repository = await Emulators.ControlAsync("github/repositories",
                new { owner = "acme", name = "imported", directory = directory.FullName });
            using var client = await Emulators.InstallationClientAsync(repository);
            var link = (await GetAsync(client, "repos/acme/imported/contents/passwd")).Body;
            Assert.Equal("/etc/passwd", Encoding.UTF8.GetString(Convert.FromBase64String(link["content"]!.GetValue<string>())));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task TheApiRefusesWhatGitHubRefuses()
    {
        using var client = await Emulators.InstallationClientAsync(await Emulators.CreateRepositoryAsync("acme", "api"));
        using var nameless = new HttpClient { BaseAddress = client.BaseAddress };
        using var forbidden = await nameless.GetAsync("rate_limit");
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Post,
            "repos/acme/api/check-runs")
        { Content = new StringContent("{\"name\":", Encoding.UTF8, "application/json") };
        using var broken = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
        Assert.Contains("Problems parsing JSON", await broken.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        client.DefaultRequestHeaders.Add("X-GitHub-Api-Version", "2030-01-01");
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(client, "repos/acme/api")).Response.StatusCode);
    }

    [Fact]
    public async Task AnEndpointThatIsNotEmulatedIsNotFoundAsAJsonAnswer()
    {
        using var client = Emulators.GitHub();
        foreach (var path in new[] { "nowhere", "repos/acme", "app/hook/nowhere" })
        {
            var (response, body) = await GetAsync(client, path);
            Assert.Equal((HttpStatusCode.NotFound, "Not Found"), (response.StatusCode, body["message"]!.GetValue<string>()));
        }
    }
}
