using System.Net;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Services.Scheduler.Runs;

namespace AgentPlatform.Tests.Services.Scheduler;

public sealed class RunsApiTests : SchedulerTest
{
    [Theory]
    [InlineData("GET", "api/v1/runs", Scopes.RunsWrite)]
    [InlineData("GET", "api/v1/runs/statistics", Scopes.RunsWrite)]
    [InlineData("GET", "api/v1/runs/{id}", Scopes.RunsWrite)]
    [InlineData("GET", "api/v1/runs/{id}/log", Scopes.RunsWrite)]
    [InlineData("GET", "api/v1/runs/{id}/events", Scopes.RunsWrite)]
    [InlineData("GET", "api/v1/streams/runs/{id}", Scopes.RunsWrite)]
    [InlineData("POST", "api/v1/runs/{id}/cancel", Scopes.RunsRead)]
    [InlineData("POST", "api/v1/runs/{id}/rerun", Scopes.RunsRead)]
    [InlineData("POST", "api/v1/runs/{id}/approve", Scopes.RunsRead)]
    public async Task EachEndpointAsksForItsOwnScope(string method, string path, string otherScope)
    {
        path = path.Replace("{id}", (await Node.AddRunAsync()).Id.ToString(), StringComparison.Ordinal);

        using var anonymous = await Node.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Node.CallAsync(new HttpMethod(method), path, otherScope)).Status);
    }

    [Fact]
    public async Task AnotherTenantsRunIsNotThere()
    {
        var run = await Node.AddRunAsync(owner: new Ownership(new TenantId(Guid.CreateVersion7()), null, "person:somebody"));

        var (_, page) = await Node.CallAsync(HttpMethod.Get, "api/v1/runs", Scopes.RunsRead);

        Assert.Equal(0, page.GetProperty("items").GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, (await Node.CallAsync(HttpMethod.Get, $"api/v1/runs/{run.Id}", Scopes.RunsRead)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Node.CallAsync(HttpMethod.Post, $"api/v1/runs/{run.Id}/cancel", Scopes.RunsWrite)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Node.CallAsync(HttpMethod.Get, $"api/v1/streams/runs/{run.Id}", Scopes.RunsRead)).Status);
    }

    [Fact]
    public async Task TheListIsPagedByKeyNewestFirst()
    {
        List<string> made = [];
        for (var n = 1; n <= 5; n++)
        {
            made.Add((await Node.AddRunAsync(pullRequest: n)).Id.ToString());
        }

        List<string> listed = [];
        string? next = null;
        do
        {
            var (status, page) = await Node.CallAsync(HttpMethod.Get, $"api/v1/runs?limit=2{(next is null ? "" : $"&cursor={next}")}", Scopes.RunsRead);
            Assert.Equal(HttpStatusCode.OK, status);
            listed.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!));

            // What comes in meanwhile does not shift the pages.
            await Node.AddRunAsync(pullRequest: 100 + listed.Count);
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);

        Assert.Equal(made.AsEnumerable().Reverse(), listed);
    }

    [Fact]
    public async Task TheListIsFiltered()
    {
        var first = await Node.AddRunAsync(pullRequest: 1);
        var second = await Node.AddRunAsync(pullRequest: 2, workflow: "nightly");
        var third = await Node.AddRunAsync(repository: 2, pullRequest: 2);
        await Node.Store.ApplyAsync(third.Id, new RunCommand.End(RunConclusion.Cancelled, "enough"), CancellationToken.None);

        Assert.Equal([third.Id.ToString()], await ListAsync("repository=octo/repo-2"));
        Assert.Equal([third.Id.ToString(), second.Id.ToString()], await ListAsync("pullRequest=2"));
        Assert.Equal([second.Id.ToString(), first.Id.ToString()], await ListAsync("phase=queued"));
        Assert.Equal([third.Id.ToString()], await ListAsync("conclusion=cancelled"));
        Assert.Equal([second.Id.ToString()], await ListAsync("workflow=nightly"));
        Assert.Empty(await ListAsync("workflow=nightly&conclusion=success"));
    }

    [Theory]
    [InlineData("api/v1/runs?limit=0", ProblemCodes.InvalidRequest)]
    [InlineData("api/v1/runs?limit=201", ProblemCodes.InvalidRequest)]
    [InlineData("api/v1/runs?limit=many", ProblemCodes.InvalidRequest)]
    [InlineData("api/v1/runs?phase=sometimes", ProblemCodes.InvalidRequest)]
    [InlineData("api/v1/runs?phase=1", ProblemCodes.InvalidRequest)]
    [InlineData("api/v1/runs?conclusion=Success", ProblemCodes.InvalidRequest)]
    [InlineData("api/v1/runs?cursor=abc", ProblemCodes.InvalidCursor)]
    [InlineData("api/v1/runs/statistics?hours=0", ProblemCodes.InvalidRequest)]
    [InlineData("api/v1/runs/run_nonsense", ProblemCodes.InvalidRequest)]
    public async Task AQuestionThatMakesNoSenseIsRefused(string path, string code)
    {
        var (status, problem) = await Node.CallAsync(HttpMethod.Get, path, Scopes.RunsRead);

        Assert.Equal((HttpStatusCode.BadRequest, code), (status, problem.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task ARunIsShownWithItsStepsAndProgress()
    {
        var run = await Node.AddRunAsync(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        var detail = (await Node.CallAsync(HttpMethod.Get, $"api/v1/runs/{run.Id}", Scopes.RunsRead)).Answer.Deserialize(RunsJsonContext.Default.RunDetail)!;

        Assert.Equal((run.Id, RunPhase.Queued, "0af7651916cd43dd8448eb211c80319c"), (detail.Run.Id, detail.Run.Phase, detail.Run.TraceId));
        Assert.Equal(["build", "test"], detail.Steps.Select(step => step.Name));
        Assert.Equal(new RunProgress(0, 2, null), detail.Progress);
    }

    [Fact]
    public async Task ACancelledRunIsConcludedOnceAndCanBeRepeated()
    {
        var run = await Node.AddRunAsync();
        var early = await Node.CallAsync(HttpMethod.Post, $"api/v1/runs/{run.Id}/rerun", Scopes.RunsWrite);
        Assert.Equal((HttpStatusCode.Conflict, RunProblemCodes.RunNotRepeatable), (early.Status, early.Answer.GetProperty("code").GetString()));

        var (status, answer) = await Node.CallAsync(HttpMethod.Post, $"api/v1/runs/{run.Id}/cancel", Scopes.RunsWrite);
        Assert.Equal((HttpStatusCode.Accepted, "cancelled"), (status, answer.GetProperty("conclusion").GetString()));
        var again = await Node.CallAsync(HttpMethod.Post, $"api/v1/runs/{run.Id}/cancel", Scopes.RunsWrite);
        Assert.Equal((HttpStatusCode.Conflict, RunProblemCodes.RunConcluded), (again.Status, again.Answer.GetProperty("code").GetString()));

        var rerun = await Node.CallAsync(HttpMethod.Post, $"api/v1/runs/{run.Id}/rerun", Scopes.RunsWrite);
        Assert.Equal((HttpStatusCode.Created, 2), (rerun.Status, rerun.Answer.GetProperty("attempt").GetInt32()));
    }

    [Fact]
    public async Task AHeldRunGoesOnOnceItIsApproved()
    {
        var run = await Node.AddRunAsync();
        await Node.Store.ApplyAsync(run.Id, new RunCommand.Hold("a fork"), CancellationToken.None);

        var (status, answer) = await Node.CallAsync(HttpMethod.Post, $"api/v1/runs/{run.Id}/approve", Scopes.RunsWrite);

        Assert.Equal((HttpStatusCode.Accepted, "queued"), (status, answer.GetProperty("phase").GetString()));
    }

    [Fact]
    public async Task StatisticsCountPhasesAndConclusions()
    {
        await Node.AddRunAsync(pullRequest: 1);
        var ended = await Node.AddRunAsync(pullRequest: 2);
        await Node.Store.ApplyAsync(ended.Id, new RunCommand.End(RunConclusion.Cancelled, "enough"), CancellationToken.None);
        await Node.AdmitAsync();

        var statistics = (await Node.CallAsync(HttpMethod.Get, "api/v1/runs/statistics", Scopes.RunsRead)).Answer.Deserialize(RunsJsonContext.Default.RunStatistics)!;

        Assert.Equal((2, 1, 1), (statistics.Total, statistics.Phases["admitted"], statistics.Conclusions["cancelled"]));
        Assert.InRange(statistics.WaitSecondsP50!.Value, 0, 60);
        Assert.Null(statistics.RunSecondsP50);
    }

    [Fact]
    public async Task AStepThatHasNotBegunHasNoLog()
    {
        var run = await Node.AddRunAsync();

        var (status, problem) = await Node.CallAsync(HttpMethod.Get, $"api/v1/runs/{run.Id}/log", Scopes.RunsRead);

        Assert.Equal((HttpStatusCode.NotFound, RunProblemCodes.StepNotFound), (status, problem.GetProperty("code").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, (await Node.CallAsync(HttpMethod.Get, $"api/v1/runs/{run.Id}/log?step=deploy", Scopes.RunsRead)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Node.CallAsync(HttpMethod.Get, $"api/v1/runs/{run.Id}/log?offset=-1", Scopes.RunsRead)).Status);
    }

    private async Task<IEnumerable<string?>> ListAsync(string query) =>
        (await Node.CallAsync(HttpMethod.Get, $"api/v1/runs?{query}", Scopes.RunsRead)).Answer.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString());
}
