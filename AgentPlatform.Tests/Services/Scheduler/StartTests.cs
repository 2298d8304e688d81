using System.Globalization;
using System.Net;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Services.Scheduler.Runs;

namespace AgentPlatform.Tests.Services.Scheduler;

public sealed class StartTests : SchedulerTest
{
    private EmulatorHost _emulators = null!;
    private string _head = null!;

    private protected override Dictionary<string, string?> Settings => new()
    {
        ["GitHub:ApiUrl"] = _emulators.ApiUrl,
        ["GitHub:AppId"] = EmulatorHost.AppId.ToString(CultureInfo.InvariantCulture),
        ["GitHub:PrivateKey"] = EmulatorHost.AppPrivateKey,
        ["GitHub:WriteSpacing"] = "00:00:00",
    };

    public override async Task InitializeAsync()
    {
        _emulators = await EmulatorHost.StartAsync();
        await base.InitializeAsync();
        await _emulators.CreateRepositoryAsync("acme", "api", new Dictionary<string, string> { ["a.txt"] = "one\n" });
        await PushAsync("two\n");
        var pull = await _emulators.ControlAsync("github/repositories/acme/api/pulls", new { head = "change" });
        _head = pull["headSha"]!.GetValue<string>();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _emulators.DisposeAsync();
    }

    [Fact]
    public async Task TheSameKeyAndBodyAnswerTheSameRunAndAnotherBodyIsRefused()
    {
        var first = await StartAsync(key: "one");
        Assert.Equal(HttpStatusCode.Created, first.Status);
        await ConcludeAsync(first.Run);

        var again = await StartAsync(key: "one");
        Assert.Equal((HttpStatusCode.OK, first.Run), (again.Status, again.Run));

        var (status, problem) = await Node.CallAsync(
            HttpMethod.Post, "api/v1/runs", Scopes.RunsWrite, new { repository = "acme/api", pullRequest = 2 }, idempotencyKey: "one");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, ProblemCodes.IdempotencyKeyReused), (status, problem.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task ARunUnderWayIsTheAnswerAndAConcludedOneGetsAnotherAttempt()
    {
        var first = await StartAsync();
        var second = await StartAsync();
        Assert.Equal((HttpStatusCode.OK, first.Run), (second.Status, second.Run));

        await ConcludeAsync(first.Run);
        var third = await StartAsync();

        Assert.Equal(HttpStatusCode.Created, third.Status);
        Assert.Equal([1, 2], await Node.ReadAsync(db => db.Runs.OrderBy(run => run.Attempt).Select(run => run.Attempt).ToListAsync()));
    }

    [Fact]
    public async Task ManyAtOnceMakeOneRun()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(n => StartAsync(key: $"key-{n % 4}")));

        Assert.Single(answers.Select(answer => answer.Run).Distinct());
        Assert.Equal(1, await Node.ReadAsync(db => db.Runs.CountAsync()));
    }

    [Fact]
    public async Task ANewHeadSupersedesTheRunsOfTheOld()
    {
        var first = await StartAsync();
        await PushAsync("three\n");

        var second = await StartAsync();

        Assert.NotEqual(first.Run, second.Run);
        Assert.Equal(RunConclusion.Superseded, (await Node.Store.FindAsync(first.Run, CancellationToken.None))!.Conclusion);
    }

    [Fact]
    public async Task ADeploymentNamesTheCommitThatItMeans()
    {
        var (status, answer) = await DeployAsync(_head);
        Assert.Equal((HttpStatusCode.Accepted, "queued"), (status, answer.GetProperty("status").GetString()));
        var run = await Node.Store.FindAsync(RunId.Parse(answer.GetProperty("taskId").GetString()!), CancellationToken.None);
        Assert.Equal((_head, 1, RunKind.Manual), (run!.HeadSha, run.PullRequest, run.Kind));

        await PushAsync("three\n");
        var moved = await DeployAsync(_head);
        Assert.Equal((HttpStatusCode.Conflict, RunProblemCodes.HeadMoved), (moved.Status, moved.Answer.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("acme/none", 1, HttpStatusCode.NotFound, RunProblemCodes.RepositoryNotFound)]
    [InlineData("acme/api", 9, HttpStatusCode.NotFound, RunProblemCodes.PullRequestNotFound)]
    [InlineData("acme", 1, HttpStatusCode.BadRequest, ProblemCodes.InvalidRequest)]
    [InlineData("../api", 1, HttpStatusCode.BadRequest, ProblemCodes.InvalidRequest)]
    [InlineData("acme/api", 0, HttpStatusCode.BadRequest, ProblemCodes.InvalidRequest)]
    [InlineData(null, 1, HttpStatusCode.BadRequest, ProblemCodes.InvalidRequest)]
    public async Task AWishThatCannotBeMetIsRefusedByName(string? repository, int pullRequest, HttpStatusCode status, string code)
    {
        var refused = await Node.CallAsync(HttpMethod.Post, "api/v1/runs", Scopes.RunsWrite, new { repository, pullRequest });

        Assert.Equal((status, code), (refused.Status, refused.Answer.GetProperty("code").GetString()));
        Assert.Equal(0, await Node.ReadAsync(db => db.Runs.CountAsync()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    public async Task AKeyThatIsNoneIsRefused(string key) => Assert.Equal(
        HttpStatusCode.BadRequest,
        (await Node.CallAsync(HttpMethod.Post, "api/v1/runs", Scopes.RunsWrite, new { repository = "acme/api", pullRequest = 1 }, key)).Status);

    [Fact]
    public async Task AClosedPullRequestIsNotRun()
    {
        await _emulators.ControlAsync("github/repositories/acme/api/pulls/1/close", new { });

        var (status, problem) = await DeployAsync(_head);

        Assert.Equal((HttpStatusCode.Conflict, RunProblemCodes.PullRequestClosed), (status, problem.GetProperty("code").GetString()));
    }

    private Task<(HttpStatusCode Status, JsonElement Answer)> DeployAsync(string sha) => Node.CallAsync(
        HttpMethod.Post, "deploy/pr", Scopes.RunsWrite,
        new { type = "pr_deployment", repository = "acme/api", branch = "change", sha, cloneUrl = "https://elsewhere.example/evil.git", prNumber = 1 });

    private async Task<(HttpStatusCode Status, RunId Run)> StartAsync(string? key = null)
    {
        var (status, answer) = await Node.CallAsync(HttpMethod.Post, "api/v1/runs", Scopes.RunsWrite, new { repository = "acme/api", pullRequest = 1 }, key);
        Assert.True(answer.TryGetProperty("id", out var id), answer.ToString());
        return (status, RunId.Parse(id.GetString()!));
    }

    private Task ConcludeAsync(RunId run) => Node.Store.ApplyAsync(run, new RunCommand.End(RunConclusion.Failure, "failed"), CancellationToken.None);

    private async Task PushAsync(string content) => await _emulators.ControlAsync(
        "github/repositories/acme/api/commits", new { branch = "change", files = new Dictionary<string, string> { ["a.txt"] = content } });
}
