using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using AgentPlatform.Client;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.Tests.Hosts;
using Microsoft.Extensions.DependencyInjection;
using Services.Scheduler.Api;
using Services.Scheduler.Runs;

namespace AgentPlatform.Tests.Services.Scheduler;

public sealed class StreamTests : SchedulerTest
{
    [Fact]
    public async Task AReaderGoesOnBehindItsLastEventWithoutGapOrDuplicate()
    {
        var run = await Node.AddRunAsync();
        await Node.AdmitAsync();
        List<long> seen = [.. await ReadAsync(run.Id, after: null, atMost: 1)];
        Assert.Equal([1L], seen);

        await EndAsync(run.Id);
        seen.AddRange(await ReadAsync(run.Id, after: seen[^1], atMost: int.MaxValue));

        Assert.Equal([1L, 2L, 3L, 4L], seen);
    }

    [Fact]
    public async Task WhatAnotherReplicaDoesIsSeenAndTheStreamEndsWithTheRun()
    {
        await using var other = await StartAsync();
        var run = await Node.AddRunAsync();
        var reading = ReadAsync(run.Id, after: null, atMost: int.MaxValue);
        await Eventually.TrueAsync(() => Feed.Tails == 1, "somebody reads");

        await other.AdmitAsync();
        await other.Store.ApplyAsync(run.Id, new RunCommand.Conclude(1, RunConclusion.Success, "done"), CancellationToken.None);

        Assert.Equal([1L, 2L, 3L], await reading.WaitAsync(Eventually.Patience));
        await Eventually.TrueAsync(() => Feed.Tails == 0, "nobody reads any more");
    }

    [Fact]
    public async Task ReadersOfOneRunShareOneTailWhereverTheyBegin()
    {
        var run = await Node.AddRunAsync();
        await Node.AdmitAsync();
        var late = ReadAsync(run.Id, after: 2, atMost: int.MaxValue);
        await Eventually.TrueAsync(() => Feed.Tails == 1, "the first reads");
        var early = ReadAsync(run.Id, after: 0, atMost: int.MaxValue);
        Assert.Equal(1, Feed.Tails);

        await EndAsync(run.Id);

        Assert.Equal([3L, 4L], await late.WaitAsync(Eventually.Patience));
        Assert.Equal([1L, 2L, 3L, 4L], await early.WaitAsync(Eventually.Patience));
    }

    [Fact]
    public async Task AReaderThatHasEverythingOfAConcludedRunIsToldToStop()
    {
        var run = await Node.AddRunAsync();
        await Node.Store.ApplyAsync(run.Id, new RunCommand.End(RunConclusion.Cancelled, "enough"), CancellationToken.None);

        using var response = await OpenAsync(run.Id, "2");
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        using var beyond = await OpenAsync(run.Id, "2000");
        Assert.Equal(HttpStatusCode.NoContent, beyond.StatusCode);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("last")]
    [InlineData("99999999999999999999")]
    public async Task APositionThatIsNoneIsRefused(string position)
    {
        var run = await Node.AddRunAsync();

        using var response = await OpenAsync(run.Id, position);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task ThePollingTwinTellsTheSame()
    {
        var run = await Node.AddRunAsync();
        await Node.AdmitAsync();
        var first = await PollAsync(run.Id, "after=0&limit=1");
        Assert.Equal((1, 1L, false), (first.Events.Count, first.Next, first.End));

        await EndAsync(run.Id);
        var rest = await PollAsync(run.Id, $"after={first.Next}");

        Assert.Equal(["run.admitted", "run.ending", "run.concluded"], rest.Events.Select(said => said.Kind));
        Assert.Equal((4L, true), (rest.Next, rest.End));
        Assert.Equal((0, 4L, true), ((await PollAsync(run.Id, "after=4")).Events.Count, (await PollAsync(run.Id, "after=4")).Next, (await PollAsync(run.Id, "after=4")).End));
    }

    [Fact]
    public async Task TheClientFollowsARunToItsEnd()
    {
        var run = await Node.AddRunAsync();
        using var http = new HttpClient { BaseAddress = Node.Client.BaseAddress, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = Node.Authorized(HttpMethod.Get, "/", Scopes.RunsRead).Headers.Authorization;
        List<string> kinds = [];
        using var deadline = new CancellationTokenSource(Eventually.Patience);

        await foreach (var said in new AgentPlatformClient(http).Runs.Get(run.Id).WatchAsync(0, deadline.Token))
        {
            kinds.Add(said.Kind);
            if (said.Sequence == 1)
            {
                await Node.AdmitAsync();
                await EndAsync(run.Id);
            }
        }

        Assert.Equal(["run.queued", "run.admitted", "run.ending", "run.concluded"], kinds);
    }

    private RunFeed Feed => Node.Services.GetRequiredService<RunFeed>();

    private async Task EndAsync(RunId run)
    {
        await Node.Store.ApplyAsync(run, new RunCommand.End(RunConclusion.Cancelled, "enough"), CancellationToken.None);
        await Node.Store.ApplyAsync(run, new RunCommand.Conclude(1, RunConclusion.Success, "done"), CancellationToken.None);
    }

    private async Task<HttpResponseMessage> OpenAsync(RunId run, string? position)
    {
        using var request = Node.Authorized(HttpMethod.Get, $"api/v1/streams/runs/{run}", Scopes.RunsRead);
        if (position is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", position);
        }

        return await Node.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private async Task<IReadOnlyList<long>> ReadAsync(RunId run, long? after, int atMost)
    {
        using var response = await OpenAsync(run, after?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(new MediaTypeHeaderValue("text/event-stream"), response.Content.Headers.ContentType);
        List<long> sequences = [];
        using var deadline = new CancellationTokenSource(Eventually.Patience);
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync(deadline.Token)).EnumerateAsync(deadline.Token))
        {
            var said = JsonSerializer.Deserialize(item.Data, ContractsJsonContext.Default.EventEnvelope)!;
            Assert.Equal(item.EventId, said.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture));
            sequences.Add(said.Sequence);
            if (sequences.Count == atMost)
            {
                break;
            }
        }

        return sequences;
    }

    private async Task<RunEventsPage> PollAsync(RunId run, string query) =>
        (await Node.CallAsync(HttpMethod.Get, $"api/v1/runs/{run}/events?{query}", Scopes.RunsRead)).Answer.Deserialize(RunsJsonContext.Default.RunEventsPage)!;
}
