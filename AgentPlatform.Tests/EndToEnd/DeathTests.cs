using System.Net.Http.Json;
using System.Text.Json.Nodes;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Failpoints;
using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.EndToEnd;

/// <summary>
/// Whatever process dies, wherever the run is: the run ends once, what ran was not started again, there is one check run and one
/// comment, and nothing is left on the machine.
/// </summary>
[Collection(RoadCollection.Name)]
[Trait("Needs", "Linux")]
public sealed class DeathTests(Platform platform)
{
    private const string Commands = "commands";
    private const string Policy =
        """
        version: 1
        workflows:
          check:
            steps:
              - name: build
                run: echo x >> .starts; cat /proc/sys/kernel/random/uuid; sleep 1.5
              - name: starts
                run: wc -l < .starts
        """;

    /// <summary>Beside the processes: Redis loses everything, and Redis comes back as it was before the run.</summary>
    private const string Emptied = "redis emptied";
    private const string Older = "redis older";

    private static readonly string[] Victims =
        [ServiceNames.Webhooks, ServiceNames.Scheduler, ServiceNames.Wsl2Host, ServiceNames.Sessions, "redis", "postgres", Emptied, Older];

    /// <summary>The stages at which everything dies once.</summary>
    private static readonly string[] Stages =
    [
        FailpointNames.DeliveryCommitted, FailpointNames.RunsMade, FailpointNames.RunAdmitted, FailpointNames.RunPlaced, FailpointNames.WorkspaceFetched,
        FailpointNames.CommandStarted, FailpointNames.RunConcluding, FailpointNames.CheckMade, FailpointNames.RunConcluded, FailpointNames.CheckCompleted,
    ];

    private static readonly string[] ReviewStages =
        [FailpointNames.ReviewTaken, FailpointNames.AgentStarted, FailpointNames.AgentPrompted, FailpointNames.ReviewAnswered];

    /// <summary>From here on the first command has been started: it must not be started again.</summary>
    private static readonly HashSet<string> Started =
    [
        FailpointNames.CommandLaunched, FailpointNames.CommandStarted, FailpointNames.CommandEnded, FailpointNames.RunConcluding, FailpointNames.ReviewTaken,
        FailpointNames.AgentStarted, FailpointNames.AgentPrompted, FailpointNames.ReviewAnswered,
    ];

    /// <summary>Everything dies where it hurts, in the time that every change can afford.</summary>
    public static TheoryData<string, string> Characteristic => new()
    {
        { ServiceNames.Webhooks, FailpointNames.DeliveryReceived },
        { ServiceNames.Webhooks, FailpointNames.DeliveryCommitted },
        { ServiceNames.Scheduler, FailpointNames.CommandStarted },
        { ServiceNames.Scheduler, FailpointNames.CheckMade },
        { ServiceNames.Wsl2Host, FailpointNames.CommandStarted },
        { ServiceNames.Sessions, FailpointNames.AgentPrompted },
        { "redis", FailpointNames.RunAdmitted },
        { "postgres", FailpointNames.CommandStarted },
        { Emptied, FailpointNames.RunAdmitted },
        { Older, FailpointNames.CommandStarted },
    };

    /// <summary>Every victim at every stage, each service at all of its own failpoints, and reviews.</summary>
    public static TheoryData<string, string> Everything
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var (victim, stage) in Victims.SelectMany(victim => Stages.Select(stage => (victim, stage)))
                .Concat(Victims.SelectMany(victim => ReviewStages.Select(stage => (victim, stage))))
                .Concat(Own())
                .Distinct())
            {
                cases.Add(victim, stage);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Characteristic))]
    public Task ARunSurvivesADeath(string victim, string stage) => SurviveAsync(victim, stage);

    [Theory]
    [Trait("Category", "Long")]
    [MemberData(nameof(Everything))]
    public Task ARunSurvivesEveryDeathAtEveryStage(string victim, string stage) => SurviveAsync(victim, stage);

    private static IEnumerable<(string Victim, string Stage)> Own() =>
        from field in typeof(FailpointNames).GetFields()
        let stage = (string)field.GetValue(null)!
        select (stage.Split('.')[0] switch { "host" => ServiceNames.Wsl2Host, var service => service }, stage);

    private async Task SurviveAsync(string victim, string stage)
    {
        await platform.HealthyAsync();
        var older = victim == Older ? await RedisBackup.TakeAsync(platform) : null;
        var change = ReviewStages.Contains(stage) ? null : await PushAsync();
        await platform.QuietAsync();
        using var place = platform.Hold(stage);
        var (repository, number, sha) = change is var (branch, head)
            ? ($"{Platform.Owner}/{Commands}", await platform.OpenAsync(Commands, branch, branch), head)
            : await DemoAsync();
        await place.ReachedAsync();
        var before = Started.Contains(stage) ? await RunAsync(repository, number) : null;
        var printed = before is null ? null : await PrintedAsync(before);
        switch (victim)
        {
            case Emptied:
                await RedisBackup.EmptyAsync(platform);
                place.Release();
                break;
            case Older:
                await platform.KillAsync("redis");
                older!.Restore();
                place.Release();
                await platform.StartAsync("redis");
                break;
            default:
                await platform.KillAsync(victim);
                place.Release();
                await platform.StartAsync(victim);
                break;
        }

        var run = Assert.Single(await platform.ConcludedAsync(repository, number));
        await CheckRunAsync(run, before);
        Assert.Equal(printed ?? await PrintedAsync(run), await PrintedAsync(run));
        await CheckReportAsync(run, repository, number, sha);
        await Eventually.TrueAsync(() => platform.Remains().Count == 0, $"nothing of the instance is left: {string.Join(", ", platform.Remains())}");
    }

    private async Task<(string Branch, string Sha)?> PushAsync()
    {
        await platform.RepositoryAsync(Commands, Policy);
        var branch = $"change-{Guid.NewGuid():N}";
        return (branch, await platform.PushAsync(Commands, branch, branch));
    }

    private async Task<(string Repository, int Number, string Sha)> DemoAsync()
    {
        var demo = await platform.SendAsync("github/demo", new { });
        return (Text(demo, "repository"), demo["number"]!.GetValue<int>(), Text(demo, "headSha"));
    }

    private async Task<RunDetail> RunAsync(string repository, int number)
    {
        var run = Assert.Single(await platform.RunsAsync(repository, number));
        return await platform.Client.Runs.Get(run.Id).ReadAsync(CancellationToken.None);
    }

    /// <summary>The beginning of what the first step has printed, which is another each time that it is started.</summary>
    private async Task<string> PrintedAsync(RunDetail run)
    {
        var text = string.Empty;
        await Eventually.TrueAsync(
            async () => (text = (await Platform.PatientlyAsync(() => platform.Client.Runs.Get(run.Run.Id).LogAsync(run.Steps[0].Name, 0, 1, CancellationToken.None))).Text).Contains('\n', StringComparison.Ordinal),
            "the first step has printed a line");
        return text[..text.IndexOf('\n', StringComparison.Ordinal)];
    }

    private async Task CheckRunAsync(RunDetail run, RunDetail? before)
    {
        Assert.Equal(1, run.Run.Attempt);
        Assert.All(run.Steps, step => Assert.True(step.State is StepState.Passed || step.Kind == "review", $"{step.Name}: {step.State} {step.Summary}"));
        if (before is not null)
        {
            Assert.Equal(before.Instance, run.Instance);
            var begun = before.Steps.Where(step => step.StartedAt is not null).ToList();
            Assert.NotEmpty(begun);
            Assert.All(begun, step => Assert.Equal(step.StartedAt, run.Steps.Single(other => other.Id == step.Id).StartedAt));
        }

        if (run.Steps.Any(step => step.Name == "starts"))
        {
            Assert.Equal(RunConclusion.Success, run.Run.Conclusion);
            Assert.Equal("1", (await platform.Client.Runs.Get(run.Run.Id).LogAsync("starts", 0, 0, CancellationToken.None)).Text.Trim());
        }

        var events = await platform.Api.GetFromJsonAsync<JsonNode>($"/api/v1/runs/{run.Run.Id}/events");
        Assert.Single(events!["events"]!.AsArray(), item => Text(item!, "kind") == "run.concluded");
    }

    private async Task CheckReportAsync(RunDetail run, string repository, int number, string sha)
    {
        var (checks, comments) = await platform.WrittenAsync(repository, number, sha);
        var check = Assert.Single(checks);
        Assert.Equal(run.Run.Id.ToString(), Text(check, "external_id"));
        Assert.Equal("completed", Text(check, "status"));
        Assert.Equal(run.Run.Conclusion == RunConclusion.Success ? "success" : "failure", Text(check, "conclusion"));
        Assert.Single(comments);
        Assert.Equal(run.Findings.Count, check["annotations"]!.AsArray().Count);
        Assert.Equal(run.Run.Conclusion == RunConclusion.Success ? 0 : 1, run.Findings.Count);
    }

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
