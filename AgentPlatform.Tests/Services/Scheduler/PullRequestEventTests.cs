using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.Streams;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Services.Scheduler.GitHub;
using Services.Scheduler.Runs;

namespace AgentPlatform.Tests.Services.Scheduler;

/// <summary>What a webhook about a pull request comes to. Each is a hint only: what counts is what the API says.</summary>
public sealed class PullRequestEventTests : ForgeTest
{
    [Fact]
    public async Task AnOpenedPullRequestIsRunAndWhatIsSaidOfItAgainFindsNothingToDo()
    {
        Assert.Equal(DeliveryOutcome.Handled, await HearAsync("pull_request", "opened"));
        Assert.Equal(DeliveryOutcome.Ignored, await HearAsync("pull_request", "synchronize"));
        Assert.Equal(DeliveryOutcome.Ignored, await HearAsync("pull_request", "edited"));

        Assert.Equal((RunPhase.Queued, 1), (Assert.Single(await RunsAsync()).Phase, (await RunsAsync())[0].Attempt));
    }

    [Fact]
    public async Task ADeliveryWaitsOutALimitThatIsNamedInTheMessageOnly()
    {
        await Emulators.ControlAsync("github/faults", new { kind = "UnsaidLimit", path = "/pulls/1" });
        var limited = await Assert.ThrowsAsync<GitHubException>(() => HearAsync("pull_request", "opened"));
        var options = Node.Services.GetRequiredService<IOptionsMonitor<StreamConsumerOptions>>().Get($"{IntakeStreams.Intake}:{ServiceNames.Scheduler}");

        Assert.Equal((FaultCategory.Transient, TimeSpan.FromMinutes(1)), (limited.Category, limited.RetryAfter));
        Assert.True(options.IsOutage(limited));
        Assert.Equal(TimeSpan.FromMinutes(1), options.PauseMin(limited));
        Assert.Empty(await Node.ReadAsync(db => db.HandledDeliveries.ToListAsync()));
        Assert.Equal(DeliveryOutcome.Handled, await HearAsync("pull_request", "opened"));
    }

    [Fact]
    public async Task AnOutageOfTheForgeIsWaitedOutForHoursAndNotForDays()
    {
        await Emulators.ControlAsync("github/faults", new { kind = "Status", status = 502, path = "/pulls/1", times = 50 });
        var away = await Assert.ThrowsAsync<GitHubException>(() => HearAsync("pull_request", "opened", age: TimeSpan.FromHours(5)));
        var options = Node.Services.GetRequiredService<IOptionsMonitor<StreamConsumerOptions>>().Get($"{IntakeStreams.Intake}:{ServiceNames.Scheduler}");

        Assert.True(options.IsOutage(away));
        Assert.Equal(TimeSpan.Zero, options.PauseMin(away));
        Assert.Empty(await Node.ReadAsync(db => db.HandledDeliveries.ToListAsync()));
        Assert.Equal(DeliveryOutcome.Failed, await HearAsync("pull_request", "opened", age: TimeSpan.FromHours(7)));
    }

    [Fact]
    public async Task ARefusalThatIsNoLimitFailsTheDelivery()
    {
        await Emulators.ControlAsync("github/faults", new { kind = "Status", status = 403, path = "/pulls/1" });

        Assert.Equal(DeliveryOutcome.Failed, await HearAsync("pull_request", "opened"));
    }

    [Theory]
    [InlineData(".agentplatform.yml", 1_100_000, "the file is larger than 1 MiB")]
    [InlineData(".agentplatform.yml", 100_000, "the file is longer than 65536 characters")]
    [InlineData(".agentplatform.yml/nested.yml", 10, "it is a directory, not a file")]
    public async Task APolicyThatIsThereButCannotBeReadFailsTheRunAndSaysWhy(string path, int length, string why)
    {
        await Emulators.ControlAsync($"{Path}/commits", new { branch = "main", files = new Dictionary<string, string> { [path] = new('#', length) } });
        await Emulators.ControlAsync($"{Path}/commits", new { branch = "other", from = "main", files = new Dictionary<string, string> { ["a.txt"] = "three\n" } });
        await Emulators.ControlAsync($"{Path}/pulls", new { head = "other" });

        Assert.Equal(DeliveryOutcome.Handled, await HearAsync("pull_request", "opened", pullRequest: 2));

        var run = Assert.Single(await RunsAsync());
        Assert.Equal((RunPhase.Concluded, (RunConclusion?)RunConclusion.Failure), (run.Phase, run.Conclusion));
        Assert.Equal($".agentplatform.yml is not valid: {why}", run.Reason);
    }

    [Fact]
    public async Task APushSupersedesTheRunsOfTheOldHead()
    {
        await HearAsync("pull_request", "opened");
        await PushAsync("three");
        await HearAsync("pull_request", "synchronize");

        var runs = await RunsAsync();
        Assert.Equal([(RunPhase.Concluded, (RunConclusion?)RunConclusion.Superseded), (RunPhase.Queued, null)], runs.Select(run => (run.Phase, run.Conclusion)));
        Assert.NotEqual(runs[0].HeadSha, runs[1].HeadSha);
    }

    [Fact]
    public async Task AClosedPullRequestsRunIsCancelledAndAReopenedOneGetsAnotherAttempt()
    {
        await HearAsync("pull_request", "opened");
        Assert.Equal(DeliveryOutcome.Handled, await ChangeAsync("close", "closed"));
        Assert.Equal(DeliveryOutcome.Ignored, await HearAsync("pull_request", "closed"));
        await ChangeAsync("reopen", "reopened");

        Assert.Equal(
            [(1, RunPhase.Concluded, (RunConclusion?)RunConclusion.Cancelled), (2, RunPhase.Queued, null)],
            (await RunsAsync()).Select(run => (run.Attempt, run.Phase, run.Conclusion)));
    }

    [Fact]
    public async Task ADraftIsCancelledAndRunOnceItIsReady()
    {
        await HearAsync("pull_request", "opened");
        await ChangeAsync("draft", "converted_to_draft");
        await PushAsync("three");
        Assert.Equal(DeliveryOutcome.Ignored, await HearAsync("pull_request", "synchronize"));
        await ChangeAsync("ready", "ready_for_review");

        var runs = await RunsAsync();
        Assert.Equal([(RunConclusion?)RunConclusion.Cancelled, null], runs.Select(run => run.Conclusion));
        Assert.NotEqual(runs[0].HeadSha, runs[1].HeadSha);
    }

    [Theory]
    [InlineData("pull_request", "labeled")]
    [InlineData("pull_request", null)]
    [InlineData("push", null)]
    [InlineData("star", "created")]
    public async Task AnEventThatSaysNothingOfAHeadIsRecordedAndIgnored(string name, string? action)
    {
        Assert.Equal(DeliveryOutcome.Ignored, await HearAsync(name, action));
        Assert.Empty(await RunsAsync());
    }

    [Fact]
    public async Task ARerequestedCheckIsAnotherAttemptAtItsRunButNotWhileOneIsUnderWay()
    {
        await HearAsync("pull_request", "opened");
        var run = Assert.Single(await RunsAsync());
        Assert.Equal(DeliveryOutcome.Ignored, await HearAsync("check_run", "rerequested", check: run.Id));
        await Node.Store.ApplyAsync(run.Id, new RunCommand.End(RunConclusion.Failure, "it failed"), CancellationToken.None);
        Assert.Equal(DeliveryOutcome.Handled, await HearAsync("check_run", "rerequested", check: run.Id));

        Assert.Equal([1, 2], (await RunsAsync()).Select(item => item.Attempt));
        Assert.Equal(DeliveryOutcome.Ignored, await HearAsync("check_run", "rerequested", check: RunId.New(TimeProvider.System)));
    }
}
