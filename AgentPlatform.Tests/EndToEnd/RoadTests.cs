using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Failpoints;
using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.EndToEnd;

/// <summary>From a signed webhook to a check run, as GitHub and its users may drive it.</summary>
[Collection(RoadCollection.Name)]
[Trait("Needs", "Linux")]
public sealed class RoadTests(Platform platform)
{
    private const string Repository = "road";
    private const string FullName = $"{Platform.Owner}/{Repository}";
    private const string Policy =
        """
        version: 1
        workflows:
          check:
            steps:
              - name: show
                run: cat change.txt
        """;

    [Fact]
    public async Task ARedeliveryAndFiftyCopiesMakeNoSecondRun()
    {
        var (number, sha) = await OpenAsync("copies");
        var run = Assert.Single(await platform.ConcludedAsync(FullName, number));
        var sent = await SentAsync("opened", number);
        var (id, payload) = (sent["delivery"]!["id"]!.GetValue<long>(), Text(sent, "payload"));

        await platform.SendAsync($"github/deliveries/{id}/redeliver", new { });
        var guid = Text(sent["delivery"]!, "guid");
        foreach (var (copyGuid, copies) in new (string?, int)[] { (guid, 50), (null, 50) })
        {
            var answers = (await platform.SendAsync("github/deliveries/raw", new { text = payload, guid = copyGuid, copies })).AsArray();
            Assert.All(answers, answer => Assert.Equal(202, answer!["statusCode"]!.GetValue<int>()));
        }

        await platform.QuietAsync();
        Assert.Equal(run.Run.Id, Assert.Single(await platform.ConcludedAsync(FullName, number)).Run.Id);
        var (checks, comments) = await platform.WrittenAsync(FullName, number, sha);
        Assert.Single(checks);
        Assert.Single(comments);
    }

    [Fact]
    public async Task APushDuringARunSupersedesIt()
    {
        using var place = platform.Hold(FailpointNames.CommandStarted);
        var (number, first) = await OpenAsync("push");
        await place.ReachedAsync();
        var second = await platform.PushAsync(Repository, "push", "more");
        await Eventually.TrueAsync(
            async () => (await platform.RunsAsync(FullName, number)).Any(item => item.HeadSha == first && item.Ending == RunConclusion.Superseded), "the first run is told to end");
        place.Release();

        var runs = await platform.ConcludedAsync(FullName, number, runs: 2);
        Assert.Equal(RunConclusion.Superseded, Of(runs, first).Run.Conclusion);
        Assert.Equal(RunConclusion.Success, Of(runs, second).Run.Conclusion);
        Assert.Equal("cancelled", Text(Assert.Single((await platform.WrittenAsync(FullName, number, first)).Checks), "conclusion"));
        Assert.Equal("success", Text(Assert.Single((await platform.WrittenAsync(FullName, number, second)).Checks), "conclusion"));
        Assert.Single((await platform.WrittenAsync(FullName, number, second)).Comments);
    }

    [Fact]
    public async Task AForcePushBackToAnOldCommitEndsWithAConclusionForIt()
    {
        using var place = platform.Hold(FailpointNames.CommandStarted);
        var (number, b) = await OpenAsync("back");
        await place.ReachedAsync();
        var a = await platform.PushAsync(Repository, "back", "another", from: "main");
        await Eventually.TrueAsync(async () => (await platform.RunsAsync(FullName, number)).Any(item => item.HeadSha == a), "the other commit has its run");
        await MoveAsync("back", b);
        await Eventually.TrueAsync(async () => (await platform.RunsAsync(FullName, number)).Count(item => item.HeadSha == b) == 2, "the first commit has another attempt");
        place.Release();

        var runs = await platform.ConcludedAsync(FullName, number, runs: 3);
        var last = runs.Where(run => run.Run.HeadSha == b).MaxBy(run => run.Run.Attempt)!;
        Assert.Equal((2, RunConclusion.Success), (last.Run.Attempt, last.Run.Conclusion));
        var (checks, _) = await platform.WrittenAsync(FullName, number, b);
        Assert.Equal("success", Text(checks.Single(check => Text(check, "external_id") == last.Run.Id.ToString()), "conclusion"));
        Assert.All(checks, check => Assert.Equal("completed", Text(check, "status")));
    }

    [Fact]
    public async Task TwoPullRequestsOnOneCommitEachGetTheirs()
    {
        var (one, sha) = await OpenAsync("twin-1");
        await MoveAsync("twin-2", sha);
        var two = await platform.OpenAsync(Repository, "twin-2", "twin-2");

        var first = Assert.Single(await platform.ConcludedAsync(FullName, one));
        var second = Assert.Single(await platform.ConcludedAsync(FullName, two));
        Assert.Equal((sha, sha), (first.Run.HeadSha, second.Run.HeadSha));
        Assert.NotEqual(first.Run.Id, second.Run.Id);
        var (checks, comments) = await platform.WrittenAsync(FullName, one, sha);
        Assert.Equal(
            new[] { first.Run.Id.ToString(), second.Run.Id.ToString() }.Order(StringComparer.Ordinal),
            checks.Select(check => Text(check, "external_id")).Order(StringComparer.Ordinal));
        Assert.Single(comments);
        Assert.Single((await platform.WrittenAsync(FullName, two, sha)).Comments);
    }

    [Theory]
    [InlineData("--upload-pack=id")]
    [InlineData("a$(touch${IFS}x)b")]
    [InlineData("a`touch${IFS}x`;touch${IFS}x|b")]
    [InlineData("ü-日本-'quoted\"")]
    public async Task ABranchIsDataWhateverItIsCalled(string branch)
    {
        var (number, _) = await OpenAsync(branch);
        var run = Assert.Single(await platform.ConcludedAsync(FullName, number));
        Assert.Equal((RunConclusion.Success, branch), (run.Run.Conclusion, run.Run.HeadRef));
        Assert.Equal(branch, (await platform.Client.Runs.Get(run.Run.Id).LogAsync("show", 0, 0, CancellationToken.None)).Text.Trim());
    }

    [Fact]
    public async Task ABranchThatGitWouldRefuseIsNotBelievedFromAWebhook()
    {
        var (number, sha) = await OpenAsync("sober");
        await platform.ConcludedAsync(FullName, number);
        var payload = JsonNode.Parse(Text(await SentAsync("opened", number), "payload"))!;
        payload["pull_request"]!["head"]!["ref"] = "a$(touch x)b";
        var answer = Assert.Single((await platform.SendAsync("github/deliveries/raw", new { text = payload.ToJsonString() })).AsArray());
        Assert.Equal(202, answer!["statusCode"]!.GetValue<int>());
        await platform.QuietAsync();
        var run = Assert.Single(await platform.ConcludedAsync(FullName, number));
        Assert.Equal((sha, "sober"), (run.Run.HeadSha, run.Run.HeadRef));
    }

    [Fact]
    public async Task ADeliveryOfAnUnknownInstallationFailsWithItsCause()
    {
        var (number, _) = await OpenAsync("stranger");
        await platform.ConcludedAsync(FullName, number);
        var payload = JsonNode.Parse(Text(await SentAsync("opened", number), "payload"))!;
        payload["installation"]!["id"] = 987_654_321;
        payload["number"] = 4_000;
        payload["pull_request"]!["number"] = 4_000;
        Assert.Contains("987654321", await FailedAsync(payload), StringComparison.Ordinal);
        Assert.Empty(await platform.RunsAsync(FullName, 4_000));
    }

    [Fact]
    public async Task ADeliveryOfARepositoryThatIsGoneMakesNoRun()
    {
        const string Gone = "gone";
        await platform.RepositoryAsync(Gone, Policy);
        await platform.PushAsync(Gone, "change", "change");
        await platform.QuietAsync();
        using var place = platform.Hold(FailpointNames.DeliveryTaken);
        var number = await platform.OpenAsync(Gone, "change", "change");
        await place.ReachedAsync();
        using (var deleted = await platform.Control.DeleteAsync($"github/repositories/{Platform.Owner}/{Gone}"))
        {
            deleted.EnsureSuccessStatusCode();
        }

        place.Release();
        await platform.QuietAsync();
        Assert.Empty(await platform.RunsAsync($"{Platform.Owner}/{Gone}", number));
    }

    private async Task<(int Number, string Sha)> OpenAsync(string branch)
    {
        await platform.RepositoryAsync(Repository, Policy);
        var sha = await platform.PushAsync(Repository, branch, branch);
        return (await platform.OpenAsync(Repository, branch, branch), sha);
    }

    private async Task MoveAsync(string branch, string sha)
    {
        using var moved = await platform.Control.PutAsJsonAsync($"github/repositories/{FullName}/branches", new { branch, sha });
        moved.EnsureSuccessStatusCode();
    }

    /// <summary>A pull request's delivery as the emulator sent it.</summary>
    private async Task<JsonNode> SentAsync(string action, int number)
    {
        foreach (var delivery in (await platform.ReadAsync($"github/deliveries?event=pull_request&action={action}")).AsArray())
        {
            var sent = await platform.ReadAsync($"github/deliveries/{delivery!["id"]}");
            var payload = JsonNode.Parse(Text(sent, "payload"))!;
            if (payload["number"]!.GetValue<int>() == number && Text(payload["repository"]!, "full_name") == FullName)
            {
                return sent;
            }
        }

        throw new InvalidOperationException($"no delivery of {number.ToString(CultureInfo.InvariantCulture)}");
    }

    private async Task<string> FailedAsync(JsonNode payload)
    {
        var guid = Guid.NewGuid();
        var answer = Assert.Single((await platform.SendAsync("github/deliveries/raw", new { text = payload.ToJsonString(), guid })).AsArray());
        Assert.Equal(202, answer!["statusCode"]!.GetValue<int>());
        JsonNode? delivery = null;
        await Eventually.TrueAsync(
            async () => (delivery = (await platform.Api.GetFromJsonAsync<JsonNode>($"/api/v1/deliveries?guid={guid}"))!["items"]!.AsArray().SingleOrDefault()) is not null
                && Text(delivery, "state") == "failed",
            "the delivery has failed");
        return Text(delivery!, "cause");
    }

    private static RunDetail Of(IReadOnlyList<RunDetail> runs, string sha) => runs.Single(run => run.Run.HeadSha == sha);

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
