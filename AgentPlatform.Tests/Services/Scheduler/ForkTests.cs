using System.Net;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Services.Scheduler.Runs;

namespace AgentPlatform.Tests.Services.Scheduler;

/// <summary>Pull requests of strangers: a commit runs once somebody who may approve it has, and only that one.</summary>
public sealed class ForkTests : ForgeTest
{
    [Fact]
    public async Task AForksRunWaitsForApprovalOfThatVeryCommit()
    {
        var run = await OpenForkAsync();
        Assert.Equal(RunPhase.AwaitingApproval, run.Phase);
        await Node.AdmitAsync();
        Assert.Equal(RunPhase.AwaitingApproval, (await RunsAsync())[0].Phase);

        await Node.Store.ApplyAsync(run.Id, new RunCommand.Approve("person:ada"), CancellationToken.None);
        await PushToForkAsync("worse");
        await HearAsync("pull_request", "synchronize", 2);

        Assert.Equal([(RunPhase.Concluded, (RunConclusion?)RunConclusion.Superseded), (RunPhase.AwaitingApproval, null)], (await RunsAsync()).Select(item => (item.Phase, item.Conclusion)));
    }

    [Fact]
    public async Task AnotherAttemptAtACommitThatNobodyApprovedIsHeldToo()
    {
        var run = await OpenForkAsync();
        await Node.Store.ApplyAsync(run.Id, new RunCommand.End(RunConclusion.Cancelled, "cancelled"), CancellationToken.None);

        Assert.Equal(DeliveryOutcome.Handled, await HearAsync("check_run", "rerequested", check: run.Id));
        var again = (await RunsAsync())[1];
        Assert.Equal(RunPhase.AwaitingApproval, again.Phase);
        await Node.CallAsync(HttpMethod.Post, $"api/v1/runs/{again.Id}/cancel", Scopes.RunsWrite);
        await Node.CallAsync(HttpMethod.Post, $"api/v1/runs/{run.Id}/rerun", Scopes.RunsWrite);

        Assert.Equal(RunPhase.AwaitingApproval, (await RunsAsync())[2].Phase);
    }

    [Fact]
    public async Task AnotherAttemptAtAnApprovedCommitNeedsNoSecondApproval()
    {
        var run = await OpenForkAsync();
        await Node.Store.ApplyAsync(run.Id, new RunCommand.Approve("person:ada"), CancellationToken.None);
        await Node.Store.ApplyAsync(run.Id, new RunCommand.End(RunConclusion.Failure, "it failed"), CancellationToken.None);
        await HearAsync("check_run", "rerequested", check: run.Id);

        Assert.Equal(RunPhase.Queued, (await RunsAsync())[1].Phase);
    }

    [Fact]
    public async Task WhereForksAreBlockedTheirRunIsSkippedAndCannotBeRepeated()
    {
        await Emulators.ControlAsync(
            $"{Path}/commits",
            new { branch = "main", files = new Dictionary<string, string> { [".agentplatform.yml"] = "version: 1\ntrust: { forks: block }\nsteps: [{ name: build, run: make }]\n" } });
        var run = await OpenForkAsync();
        Assert.Equal((RunPhase.Concluded, RunConclusion.Skipped), (run.Phase, run.Conclusion));

        Assert.Equal(DeliveryOutcome.Ignored, await HearAsync("check_run", "rerequested", check: run.Id));
        var (status, problem) = await Node.CallAsync(HttpMethod.Post, $"api/v1/runs/{run.Id}/rerun", Scopes.RunsWrite);
        Assert.Equal((HttpStatusCode.Conflict, RunProblemCodes.RunNotRepeatable), (status, problem.GetProperty("code").GetString()));
        Assert.Single(await RunsAsync());
    }

    private async Task<RunRow> OpenForkAsync()
    {
        await Emulators.ControlAsync($"{Path}/forks", new { owner = "mallory" });
        await PushToForkAsync("evil");
        await Emulators.ControlAsync($"{Path}/pulls", new { head = "mallory:change" });
        await HearAsync("pull_request", "opened", 2);
        return Assert.Single(await RunsAsync());
    }

    private Task PushToForkAsync(string text) => Emulators.ControlAsync(
        "github/repositories/mallory/api/commits", new { branch = "change", files = new Dictionary<string, string> { ["a.txt"] = text } });
}
