using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using AgentPlatform.Emulators;
using Microsoft.AspNetCore.Builder;

namespace AgentPlatform.Tests.Emulators.GitHub;

public sealed class ControlTests : GitHubTest
{
    [Theory]
    [InlineData("Production", false)]
    [InlineData("Staging", false)]
    [InlineData("Development", true)]
    public void TheEmulatorsStartInDevelopmentOnly(string environment, bool may)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        using var errors = new StringWriter();
        Assert.Equal(may, EmulatorServer.MayStart(builder.Environment, errors));
        Assert.Equal(!may, errors.ToString().Contains(environment, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AWebPageCannotPostAFormToTheControlApi()
    {
        using var form = new StringContent("{\"owner\":\"evil\",\"name\":\"x\",\"directory\":\"/etc\"}", Encoding.UTF8, "text/plain");
        using var response = await Emulators.Control.PostAsync("github/repositories", form);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Empty((await Emulators.InspectAsync("github/repositories")).AsArray());
    }

    [Theory]
    [InlineData("github/repositories", """{"owner":"acme","name":"x","files":{"a":{"mode":"100644"}}}""", 400)]
    [InlineData("github/repositories", """{"owner":"acme","name":"x","directory":"/nowhere"}""", 400)]
    [InlineData("github/repositories/acme/api/commits", """{"branch":"b","files":{},"from":"nowhere"}""", 404)]
    [InlineData("github/repositories/acme/api/commits", """{"branch":"a..b","files":{"x":"x"}}""", 400)]
    [InlineData("github/repositories/acme/api/commits", """{"branch":"a\nD x","files":{"x":"x"}}""", 400)]
    [InlineData("github/repositories/acme/nowhere/pulls", """{"head":"b"}""", 404)]
    [InlineData("github/repositories/acme/api/pulls", """{"head":"nowhere"}""", 422)]
    [InlineData("github/repositories/acme/api/pulls/7/close", "{}", 404)]
    [InlineData("github/repositories", """{"owner":"acme","name":"api"}""", 409)]
    public async Task AMistakeInAControlCallIsToldWithACode(string path, string body, int status)
    {
        await Emulators.CreateRepositoryAsync("acme", "api");
        using var response = await Emulators.Control.PostAsJsonAsync(path, JsonNode.Parse(body));
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Matches("^[a-z_]+$", problem["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task TheDemoOpensAPullRequestWithABugAtTheLineItNamesAndAnotherEachTime()
    {
        var first = await Emulators.ControlAsync("github/demo", new { });
        var second = await Emulators.ControlAsync("github/demo", new { });
        Assert.Equal((1, 2), (first["number"]!.GetValue<int>(), second["number"]!.GetValue<int>()));
        Assert.Equal(first["repositoryId"]!.GetValue<long>(), second["repositoryId"]!.GetValue<long>());
        using var client = await Emulators.InstallationClientAsync((await Emulators.InspectAsync("github/repositories"))[0]!);
        var content = (await GetAsync(client, $"repos/octo-demo/statistics/contents/{first["file"]}?ref={first["headSha"]}"))
            .Body["content"]!.GetValue<string>();
        var line = Encoding.UTF8.GetString(Convert.FromBase64String(content)).Split('\n')[first["line"]!.GetValue<int>() - 1];
        Assert.Equal("    echo $((total / count))", line);
        Assert.Contains($"+{line}", (await GetAsync(client, "repos/octo-demo/statistics/pulls/2/files"))
            .Body[0]!["patch"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheStateOfARepositoryShowsWhatThePlatformWrote()
    {
        var (repository, pull) = await OpenPullAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        var annotations = new[] { new { path = "src/a.txt", start_line = 2, end_line = 2, annotation_level = "failure", message = "Bad" } };
        await SendAsync(client, HttpMethod.Post, "repos/acme/api/check-runs",
            new
            {
                name = "review",
                head_sha = pull["headSha"],
                conclusion = "failure",
                output = new { title = "t", summary = "s", annotations },
            });
        await SendAsync(client, HttpMethod.Post, "repos/acme/api/issues/1/comments", new { body = "Done" });
        var state = await Emulators.InspectAsync("github/repositories/acme/api/state");
        Assert.Equal(2, state["checkRuns"]![0]!["annotations"]![0]!["start_line"]!.GetValue<int>());
        Assert.Equal("Done", state["comments"]![0]!["body"]!.GetValue<string>());
        Assert.Equal("open", state["pulls"]![0]!["state"]!.GetValue<string>());
    }
}
