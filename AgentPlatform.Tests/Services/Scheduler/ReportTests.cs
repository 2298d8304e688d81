using System.Globalization;
using System.Text.Json.Nodes;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Services.Scheduler.Findings;
using Services.Scheduler.GitHub;
using Services.Scheduler.Reports;
using Services.Scheduler.Runs;

namespace AgentPlatform.Tests.Services.Scheduler;

/// <summary>What stands on the pull request.</summary>
public sealed class ReportTests : ForgeTest
{
    [Fact]
    public async Task AnnotationsGoOutInPagesOfFiftyAndTheConclusionWithTheLast()
    {
        var run = await ConcludedAsync(RunConclusion.Failure, findings: 120);
        await ReportAsync();

        var check = Assert.Single(await ChecksAsync());
        Assert.Equal(("completed", "failure", run.Id.ToString()), (Text(check, "status"), Text(check, "conclusion"), Text(check, "external_id")));
        Assert.Equal(Enumerable.Range(1, 120), check["annotations"]!.AsArray().Select(item => item!["start_line"]!.GetValue<int>()));
        Assert.Equal(["POST", "PATCH", "PATCH"], (await CallsAsync()).Where(call => Text(call, "path").Contains("/check-runs", StringComparison.Ordinal) && Text(call, "method") != "GET").Select(call => Text(call, "method")));
        Assert.Equal(ReportState.Settled, (await RunsAsync())[0].Report);
    }

    [Fact]
    public async Task AReportWhoseAnswerWasLostIsGoneOnWithAndNotRepeated()
    {
        await Emulators.ControlAsync("github/faults", new { kind = "LostAnswer", method = "POST", path = "/check-runs", times = 1 });
        await ConcludedAsync(RunConclusion.Failure, findings: 60);
        await ReportAsync();
        Assert.Equal(ReportState.Pending, (await RunsAsync())[0].Report);
        await DueAsync();
        await Emulators.ControlAsync("github/faults", new { kind = "LostAnswer", method = "POST", path = "/comments", times = 1 });
        await ReportAsync();
        await DueAsync();
        await ReportAsync();

        Assert.Equal(60, Assert.Single(await ChecksAsync())["annotations"]!.AsArray().Count);
        Assert.Single(await CommentsAsync());
        Assert.Equal(ReportState.Settled, (await RunsAsync())[0].Report);
    }

    [Fact]
    public async Task TheCommentOfAnotherAttemptTakesThePlaceOfTheFirst()
    {
        await ConcludedAsync(RunConclusion.Failure, findings: 1);
        await ReportAsync();
        var run = (await RunsAsync())[0];
        await HearAsync("check_run", "rerequested", check: run.Id);
        await Node.Store.ApplyAsync((await RunsAsync())[1].Id, new RunCommand.End(RunConclusion.Success, "all passed"), CancellationToken.None);
        await ReportAsync();

        Assert.Equal(2, (await ChecksAsync()).Count);
        Assert.Contains("attempt 2", Text(Assert.Single(await CommentsAsync()), "body"), StringComparison.Ordinal);
    }

    /// <summary>The marker stands in the source of every report, for everybody to copy.</summary>
    [Fact]
    public async Task ACommentOfSomebodyElseThatHoldsOurMarkerIsLeftAlone()
    {
        var run = await ConcludedAsync(RunConclusion.Failure, findings: 1);
        await Emulators.ControlAsync($"{Path}/pulls/1/comments", new { user = "mallory", body = $"{ReportText.Marker(run)} mine" });
        await ReportAsync();

        var comments = await CommentsAsync();
        Assert.Equal(["mallory", "agentplatform[bot]"], comments.Select(comment => comment["user"]!["login"]!.GetValue<string>()));
        Assert.EndsWith("mine", Text(comments[0], "body"), StringComparison.Ordinal);
        Assert.Equal(ReportState.Settled, (await RunsAsync())[0].Report);
    }

    [Theory]
    [InlineData(RunConclusion.Success, "success")]
    [InlineData(RunConclusion.Failure, "failure")]
    [InlineData(RunConclusion.TimedOut, "timed_out")]
    [InlineData(RunConclusion.Cancelled, "cancelled")]
    [InlineData(RunConclusion.Neutral, "action_required")]
    public async Task WhatWasNotFinishedDoesNotLetARequiredCheckPass(RunConclusion conclusion, string shown)
    {
        await ConcludedAsync(conclusion, findings: 0);
        await ReportAsync();

        Assert.Equal(shown, Text(Assert.Single(await ChecksAsync()), "conclusion"));
    }

    [Fact]
    public async Task OfTwoChecksOfOneRunTheNewerCountsAndTheOtherLetsNothingPass()
    {
        var run = await ConcludedAsync(RunConclusion.Success, findings: 0);
        var github = Node.Services.GetRequiredService<GitHubClient>();
        var repository = new GitHubRepositoryRef(run.InstallationId, run.RepositoryId, run.Repository);
        var write = new GitHubCheckRunWrite { Name = ReportText.CheckName(run), HeadSha = run.HeadSha, ExternalId = run.Id.ToString(), Status = "in_progress" };
        await github.CreateCheckRunAsync(repository, write, CancellationToken.None);
        await github.CreateCheckRunAsync(repository, write, CancellationToken.None);
        await DueAsync();
        await ReportAsync();

        var checks = (await ChecksAsync()).OrderBy(check => check["id"]!.GetValue<long>()).ToList();
        Assert.Equal(["cancelled", "success"], checks.Select(check => Text(check, "conclusion")));
        Assert.Contains($"Another check run of `{run.Id}` counts", checks[0]["output"]!["summary"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.True(checks[0]["completed_at"]!.GetValue<DateTimeOffset>() <= checks[1]["completed_at"]!.GetValue<DateTimeOffset>());
    }

    [Fact]
    public async Task ARunThatWaitsForApprovalSaysSoAndGoesOnInTheSameCheck()
    {
        await HearAsync("pull_request", "opened");
        var run = Assert.Single(await RunsAsync());
        await Node.Store.ApplyAsync(run.Id, new RunCommand.Hold("a fork"), CancellationToken.None);
        await ReportAsync();
        Assert.Equal("action_required", Text(Assert.Single(await ChecksAsync()), "conclusion"));
        await Node.Store.ApplyAsync(run.Id, new RunCommand.Approve("person:ada"), CancellationToken.None);
        await Node.Store.ApplyAsync(run.Id, new RunCommand.End(RunConclusion.Success, "all passed"), CancellationToken.None);
        await ReportAsync();

        Assert.Equal(("completed", "success"), (Text(Assert.Single(await ChecksAsync()), "status"), Text((await ChecksAsync())[0], "conclusion")));
    }

    [Fact]
    public async Task ASupersededRunThatWasNeverShownIsNot()
    {
        await ConcludedAsync(RunConclusion.Superseded, findings: 0);
        await ReportAsync();

        Assert.Empty(await ChecksAsync());
        Assert.Empty(await CommentsAsync());
        Assert.Equal(ReportState.Settled, (await RunsAsync())[0].Report);
    }

    [Theory]
    [InlineData("SecondaryLimit")]
    [InlineData("UnsaidLimit")]
    public async Task ARateLimitIsObeyedAndTheReportComesLater(string kind)
    {
        await Emulators.ControlAsync("github/faults", new { kind, method = "POST", path = "/check-runs", times = 1, seconds = 60 });
        await ConcludedAsync(RunConclusion.Success, findings: 0);
        await ReportAsync();
        var run = (await RunsAsync())[0];
        Assert.Equal((ReportState.Pending, 1), (run.Report, run.ReportFailures));
        Assert.True(run.ReportNotBefore > TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(50));
        await ReportAsync();
        Assert.Empty(await ChecksAsync());
        await DueAsync();
        await ReportAsync();

        Assert.Equal("success", Text(Assert.Single(await ChecksAsync()), "conclusion"));
    }

    [Theory]
    [InlineData(502)]
    [InlineData(403)]
    public async Task AnOutageThatLastsEndsNoReport(int status)
    {
        await ConcludedAsync(RunConclusion.Failure, findings: 1);
        await Node.ReadAsync(db => db.Runs.ExecuteUpdateAsync(run => run.SetProperty(row => row.ReportFailures, 1_000)));
        await Emulators.ControlAsync("github/faults", new { kind = "Status", status, path = "/check-runs" });
        await ReportAsync();
        var run = (await RunsAsync())[0];
        Assert.Equal((ReportState.Pending, 1_001), (run.Report, run.ReportFailures));
        Assert.InRange(run.ReportNotBefore!.Value - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
        await DueAsync();
        await ReportAsync();

        Assert.Equal("failure", Text(Assert.Single(await ChecksAsync()), "conclusion"));
        Assert.Equal(ReportState.Settled, (await RunsAsync())[0].Report);
    }

    [Theory]
    [InlineData(404, 0)]
    [InlineData(410, 0)]
    [InlineData(422, 19)]
    public async Task WhatIsGoneOrRefusedForGoodEndsTheReport(int status, int failures)
    {
        await ConcludedAsync(RunConclusion.Failure, findings: 0);
        await Node.ReadAsync(db => db.Runs.ExecuteUpdateAsync(run => run.SetProperty(row => row.ReportFailures, failures)));
        await Emulators.ControlAsync("github/faults", new { kind = "Status", status, path = "/check-runs" });
        await ReportAsync();

        Assert.Equal(ReportState.Settled, (await RunsAsync())[0].Report);
    }

    [Theory]
    [InlineData("@ada and @acme/team", "@\u200bada and @\u200bacme/team")]
    [InlineData("see #12 and GH-7", "see \\#\u200b12 and GH-\u200b7")]
    [InlineData("![x](http://evil.example/p.png)", @"\!\[x\](http\://evil.example/p.png)")]
    [InlineData(@"\[click](https://evil.example)", @"\\\[click\](https\://evil.example)")]
    [InlineData("www.evil.example", "www\u200b.evil.example")]
    [InlineData("<!-- x --><img src=x>", @"&lt;\!-- x --\>&lt;img src=x\>")]
    [InlineData("a|b `c` **d**\ne", @"a\|b \`c\` \*\*d\*\* e")]
    public void WhatComesFromAnAgentOrACommandIsTextOnThePullRequest(string text, string shown) => Assert.Equal(shown, ReportText.Plain(text));

    /// <summary>A run of the pull request's head that has just ended so.</summary>
    private async Task<RunRow> ConcludedAsync(RunConclusion conclusion, int findings)
    {
        await HearAsync("pull_request", "opened");
        var run = Assert.Single(await RunsAsync());
        await Node.ReadAsync(async db =>
        {
            var step = await db.Steps.SingleAsync();
            db.Findings.AddRange(Enumerable.Range(1, findings).Select(line => new FindingRow
            {
                Id = FindingId.New(TimeProvider.System),
                RunId = run.Id,
                StepId = step.Id,
                File = "a.txt",
                Line = line,
                Severity = FindingSeverity.Error,
                Title = string.Create(CultureInfo.InvariantCulture, $"finding {line}"),
                Message = "mend it",
                TenantId = run.TenantId,
                CreatedBy = run.CreatedBy,
            }));
            return await db.SaveChangesAsync();
        });
        await Node.Store.ApplyAsync(run.Id, new RunCommand.End(conclusion, "as the test has it"), CancellationToken.None);
        return run;
    }

    private async Task ReportAsync()
    {
        using var loop = ActivatorUtilities.CreateInstance<ReportLoop>(Node.Services);
        await loop.PollOnceAsync(CancellationToken.None);
    }

    /// <summary>Lets the pause before another try be over.</summary>
    private Task<int> DueAsync() => Node.ReadAsync(db => db.Runs.ExecuteUpdateAsync(run => run.SetProperty(row => row.ReportNotBefore, TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(1))));

    private async Task<List<JsonNode>> ChecksAsync() => [.. (await Emulators.InspectAsync($"{Path}/state"))["checkRuns"]!.AsArray().Select(item => item!)];

    private async Task<List<JsonNode>> CommentsAsync() => [.. (await Emulators.InspectAsync($"{Path}/state"))["comments"]!.AsArray().Select(item => item!)];

    private async Task<List<JsonNode>> CallsAsync() => [.. (await Emulators.InspectAsync("github/calls")).AsArray().Select(item => item!)];

    private static string Text(JsonNode node, string name) => node[name]?.GetValue<string>() ?? string.Empty;
}
