using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.Emulators.GitHub;

public sealed class GitHttpTests : GitHubTest
{
    private readonly DirectoryInfo _work = Directory.CreateTempSubdirectory("ap-git-");

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _work.Delete(recursive: true);
    }

    [Fact]
    public async Task RealGitClonesWithATokenAndIsRefusedWithout()
    {
        var (repository, _) = await OpenPullAsync();
        var token = await Emulators.TokenAsync(repository);
        var url = $"{Emulators.GitUrl}/acme/api.git";
        await GitAsync(token, "clone", "--quiet", url, "good");
        Assert.Equal("one\ntwo\n", await File.ReadAllTextAsync(Path.Combine(_work.FullName, "good", "src", "a.txt")));
        foreach (var other in new[] { "wrong", null })
        {
            Assert.Contains("could not read Username", (await TryGitAsync(other, "clone", "--quiet", url, "bad")).Errors,
                StringComparison.Ordinal);
        }

        Assert.Contains("not found", (await TryGitAsync(token, "clone", "--quiet", $"{Emulators.GitUrl}/acme/nowhere.git", "gone")).Errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutCredentialsGitIsAskedForThem()
    {
        await Emulators.CreateRepositoryAsync("acme", "api");
        using var client = new HttpClient();
        using var known = await client.GetAsync($"{Emulators.GitUrl}/acme/api.git/info/refs?service=git-upload-pack");
        using var unknown = await client.GetAsync($"{Emulators.GitUrl}/acme/nowhere.git/info/refs?service=git-upload-pack");
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (known.StatusCode, unknown.StatusCode));
        Assert.Equal("Basic", known.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Fact]
    public async Task APullRequestsHeadIsFetchedShallowByItsRefAndByItsSha()
    {
        var repository = await Emulators.CreateRepositoryAsync("acme", "api");
        await Emulators.ControlAsync("github/repositories/acme/api/forks", new { owner = "mallory" });
        var sha = await PushAsync("mallory/api", "patch", new() { ["x.txt"] = "from a fork\n" });
        await Emulators.ControlAsync("github/repositories/acme/api/pulls", new { head = "mallory:patch" });
        var token = await Emulators.TokenAsync(repository, new { permissions = new { contents = "read" } });
        var url = $"{Emulators.GitUrl}/acme/api.git";
        await GitAsync(null, "init", "--quiet", "--bare", "mirror");
        await GitAsync(token, "-C", "mirror", "fetch", "--quiet", "--depth=1", url, "+refs/pull/1/head:refs/agentplatform/1");
        Assert.Equal(sha, (await GitAsync(null, "-C", "mirror", "rev-parse", "refs/agentplatform/1")).Trim());
        await GitAsync(token, "-C", "mirror", "fetch", "--quiet", "--depth=1", url, $"{sha}:refs/agentplatform/by-sha");
        Assert.Contains($"{sha}\trefs/pull/1/head", await GitAsync(token, "ls-remote", url), StringComparison.Ordinal);
    }

    [Fact]
    public async Task APushWithThePermissionMovesThePullRequestAndWithoutItIsRefused()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await Emulators.ControlAsync("github/webhook", new { url = receiver.Url, secret = "s" }, HttpMethod.Put);
        var (repository, _) = await OpenPullAsync();
        var writer = await Emulators.TokenAsync(repository);
        var reader = await Emulators.TokenAsync(repository, new { permissions = new { contents = "read" } });
        await GitAsync(writer, "clone", "--quiet", "--branch", "change", $"{Emulators.GitUrl}/acme/api.git", "work");
        await File.WriteAllTextAsync(Path.Combine(_work.FullName, "work", "fixed.txt"), "fixed\n");
        await GitAsync(null, "-C", "work", "add", ".");
        await GitAsync(null, "-C", "work", "-c", "user.name=a", "-c", "user.email=a@example.test", "commit", "--quiet", "-m", "Fix");
        Assert.Contains("403", (await TryGitAsync(reader, "-C", "work", "push", "origin", "change")).Errors, StringComparison.Ordinal);
        await GitAsync(writer, "-C", "work", "push", "--quiet", "origin", "change");
        var head = (await GitAsync(null, "-C", "work", "rev-parse", "HEAD")).Trim();
        Assert.Equal(head, JsonNode.Parse((await receiver.NextAsync("pull_request", "synchronize")).Body)!["after"]!.GetValue<string>());
        Assert.Contains("hidden ref", (await TryGitAsync(writer, "-C", "work", "push", "origin", "HEAD:refs/pull/1/head")).Errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATokenOfAnotherRepositoryOpensNothing()
    {
        await Emulators.CreateRepositoryAsync("acme", "api");
        var other = await Emulators.CreateRepositoryAsync("acme", "other");
        var token = await Emulators.TokenAsync(other, new { repository_ids = new[] { other["id"]!.GetValue<long>() } });
        Assert.Contains("not found", (await TryGitAsync(token, "clone", "--quiet", $"{Emulators.GitUrl}/acme/api.git", "x")).Errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFaultThatWasAskedForMeetsGitToo()
    {
        var repository = await Emulators.CreateRepositoryAsync("acme", "api");
        var token = await Emulators.TokenAsync(repository);
        await Emulators.ControlAsync("github/faults", new { kind = "Status", status = 503, path = "api.git" });
        Assert.Contains("503", (await TryGitAsync(token, "clone", "--quiet", $"{Emulators.GitUrl}/acme/api.git", "x")).Errors,
            StringComparison.Ordinal);
        await GitAsync(token, "clone", "--quiet", $"{Emulators.GitUrl}/acme/api.git", "x");
    }

    private async Task<string> GitAsync(string? token, params string[] arguments)
    {
        var (exitCode, output, errors) = await TryGitAsync(token, arguments);
        Assert.True(exitCode == 0, errors);
        return output;
    }

    private async Task<(int ExitCode, string Output, string Errors)> TryGitAsync(string? token, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "git")
        {
            WorkingDirectory = _work.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true
        };
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        if (token is not null)
        {
            start.Environment["GIT_CONFIG_COUNT"] = "1";
            start.Environment["GIT_CONFIG_KEY_0"] = "http.extraHeader";
            start.Environment["GIT_CONFIG_VALUE_0"] = $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"x-access-token:{token}"))}";
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = await process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, await output, errors);
    }
}
