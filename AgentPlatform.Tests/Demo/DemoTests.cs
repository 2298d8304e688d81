using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using AgentPlatform.Cli;
using AgentPlatform.Client;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.Contracts.Sessions;
using AgentPlatform.Tests.AppHost;
using AgentPlatform.Tests.Cli;
using AgentPlatform.Tests.Hosts;
using Aspire.Hosting.Testing;

namespace AgentPlatform.Tests.Demo;

/// <summary>What a newcomer sees, by the system that a newcomer starts: real services, real sandbox, real Claude Code.</summary>
[Collection(WholeSystem.Collection)]
[Trait("Needs", "Linux")]
public sealed class DemoTests(WholeSystem system)
{
    private const string File = "src/stats.sh";
    private const int Line = 27;

    [ClaudeCodeFact]
    public async Task TheDemoTwiceIsOneRunForEachPushAndItsAnnotationStandsOnTheLineWithTheBug()
    {
        var (first, second) = (await PlayAsync(), await PlayAsync());

        Assert.NotEqual(first.Run, second.Run);
        foreach (var played in (Played[])[first, second])
        {
            Assert.Equal(("AgentPlatform / default", "failure", 1), (played.Check, played.Conclusion, played.Comments));
            Assert.Equal((File, Line), Assert.Single(played.Annotations));
            Assert.InRange(played.Seconds, 0, 60);
            var detail = await Client.Runs.Get(played.Run).ReadAsync(CancellationToken.None);
            Assert.Equal(played.Run, Assert.Single(await RunsOfAsync(detail.Run)).Id);
            Assert.Equal(1, await CheckRunsOfAsync(detail.Run.HeadSha));
        }
    }

    [ClaudeCodeFact]
    public async Task ARedeliveredWebhookMakesNoSecondRun()
    {
        var run = (await Client.Runs.Get((await PlayAsync()).Run).ReadAsync(CancellationToken.None)).Run;
        using var emulators = system.App.CreateHttpClient("emulators");
        var newest = (await emulators.GetFromJsonAsync<JsonElement>("/control/github/deliveries?event=pull_request&action=opened")).EnumerateArray()
            .MaxBy(delivery => delivery.GetProperty("deliveredAt").GetDateTimeOffset());

        (await emulators.PostAsJsonAsync($"/control/github/deliveries/{newest.GetProperty("id").GetInt64()}/redeliver", new { })).EnsureSuccessStatusCode();
        (await emulators.PostAsJsonAsync("/control/github/deliveries/settle", new { })).EnsureSuccessStatusCode();

        // The second copy was answered as one that is done: it goes no further, so there is nothing more to wait for.
        using var gateway = system.App.CreateHttpClient(ServiceNames.Gateway);
        var stored = (await gateway.GetFromJsonAsync<JsonElement>("/api/v1/deliveries?limit=200")).GetProperty("items").EnumerateArray()
            .Single(delivery => delivery.GetProperty("guid").GetGuid() == newest.GetProperty("guid").GetGuid());
        Assert.Equal(("handled", 1), (stored.GetProperty("state").GetString(), stored.GetProperty("attempt").GetInt32()));
        Assert.Single(await RunsOfAsync(run));
    }

    [ClaudeCodeFact]
    public async Task TheFindingIsWrittenByClaudeCodeThroughTheModelGatewayWithTheKeyAddedThere()
    {
        using var emulators = system.App.CreateHttpClient("emulators");
        (await emulators.DeleteAsync("/control/models/calls")).EnsureSuccessStatusCode();

        await PlayAsync();

        var calls = (await emulators.GetFromJsonAsync<JsonElement>("/control/models/calls")).EnumerateArray().ToList();
        Assert.InRange(calls.Count, 2, 50);
        Assert.All(calls, call => Assert.Equal(("anthropic", "valid"), (call.GetProperty("api").GetString(), call.GetProperty("key").GetString())));
        Assert.Contains(calls, call => call.GetProperty("tools").EnumerateArray().Any(tool => tool.GetString() == "Bash"));
        Assert.Contains(calls, call => call.GetProperty("answer").GetString()!.Contains("findings", StringComparison.Ordinal));
    }

    [ClaudeCodeFact]
    public async Task OneTraceLeadsFromTheWebhookToTheReport()
    {
        var played = await PlayAsync();

        RunTrace trace = null!;
        string[] expected =
        [
            "webhooks POST /webhooks/github", "scheduler process intake", "scheduler run.drive", "scheduler step review", "wsl2host create instance", "wsl2host fetch",
            "wsl2host command build", "wsl2host command claude-code", "sessions review", "wsl2host model call", "scheduler run.report",
        ];
        await Eventually.TrueAsync(
            async () =>
            {
                trace = await Client.Runs.Get(played.Run).TraceAsync(CancellationToken.None);
                return !expected.Except(trace.Spans.Select(span => $"{span.Service} {span.Name}")).Any()
                    && trace.Spans.Count(span => span.ParentSpanId is null) == 1 && trace.Spans.All(span => span.Status != "unfinished");
            },
            "the spans of every part, each with its cause and its end");

        Assert.Contains(trace.Spans, span => span.Service == "sessions" && span.Name.StartsWith("chat ", StringComparison.Ordinal));
        Assert.Equal("POST /webhooks/github", trace.Spans.Single(span => span.ParentSpanId is null).Name);
        Assert.Equal(played.TraceId, trace.TraceId);
    }

    [ClaudeCodeFact]
    public async Task ThePublicStreamGoesOnBehindTheLastEventAndEndsWithTheRun()
    {
        var run = (await PlayAsync()).Run;
        var (all, _) = await StreamAsync(run, lastEvent: null);

        var (rest, status) = await StreamAsync(run, lastEvent: "5");

        Assert.Equal(Enumerable.Range(1, all.Count).Select(n => (long)n), all.Select(said => said.Sequence));
        Assert.Equal(("run.queued", "run.concluded"), (all[0].Kind, all[^1].Kind));
        Assert.Equal(all.Skip(5).Select(said => said.Id), rest.Select(said => said.Id));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(HttpStatusCode.NoContent, (await StreamAsync(run, lastEvent: $"{all.Count}")).Status);
    }

    [ClaudeCodeFact]
    public async Task WhatTheAgentDidIsReadByPagesAndByLogs()
    {
        var run = (await PlayAsync()).Run;
        var session = (await Client.Runs.Get(run).ReadAsync(CancellationToken.None)).Steps.Single(step => step.Name == "review").Session!.Value;

        var page = await Client.Sessions.EventsAsync(session, after: 0, waitSeconds: 0, CancellationToken.None);
        var rest = await Client.Sessions.EventsAsync(session, after: 2, waitSeconds: 0, CancellationToken.None);
        var logs = await AgentCtl.RunAsync("logs", run.ToString(), "--step", "review", "--follow", "--server", Server);
        var build = await AgentCtl.RunAsync("logs", run.ToString(), "--step", "build", "--server", Server);

        Assert.True(page.End);
        Assert.Equal(Enumerable.Range(1, page.Events.Count).Select(n => (long)n), page.Events.Select(said => said.Sequence));
        Assert.Equal(page.Events.Skip(2).Select(said => said.Id), rest.Events.Select(said => said.Id));
        Assert.Equal(SessionEventKinds.TurnEnded, page.Events[^1].Kind);
        Assert.Contains(logs.Lines, line => line.StartsWith("Bash git diff ", StringComparison.Ordinal));
        Assert.Equal((ExitCodes.Success, ExitCodes.Success), (logs.ExitCode, build.ExitCode));
        Assert.Contains("built build/stats", build.Output, StringComparison.Ordinal);
    }

    [ClaudeCodeFact]
    public async Task ForPeopleTheDemoShowsTheStepsTheAgentAndTheLinks()
    {
        var shown = await AgentCtl.RunAsync("demo", "--server", Server, "--emulators", Emulators);

        Assert.Equal((ExitCodes.Success, string.Empty), (shown.ExitCode, shown.Errors));
        string[] expected = ["| Bash git diff ", "build      passed", "test       passed", "review     failed", "check run     AgentPlatform / default: failure", $"annotation    {File}:{Line} ", $"pull request  {Emulators}/github/octo-demo/statistics/pull/"];
        Assert.All(expected, part => Assert.Contains(part, shown.Output, StringComparison.Ordinal));
        Assert.DoesNotContain('\e', shown.Output);
    }

    [Fact]
    public async Task WhatStandsInTheWayIsSaidInOneLineAndAnExitCode()
    {
        const string Nobody = "http://127.0.0.1:9";
        var noSystem = await AgentCtl.RunAsync("demo", "--server", Nobody, "--emulators", Emulators);
        var noEmulators = await AgentCtl.RunAsync("demo", "--server", Server, "--emulators", Nobody);
        var late = await AgentCtl.RunAsync("demo", "--server", Server, "--emulators", Emulators, "--timeout", "1");
        var wrong = await AgentCtl.RunAsync("demo", "--server", Server, "--emulators", "nonsense");

        Assert.Equal(
            (ExitCodes.Unreachable, ExitCodes.Unreachable, ExitCodes.TimedOut, ExitCodes.Usage), (noSystem.ExitCode, noEmulators.ExitCode, late.ExitCode, wrong.ExitCode));
        Assert.All((CommandResult[])[noSystem, noEmulators, late, wrong], result => Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task ARunIsShownCountedAndRepeatedAndCancelledFromTheCommandLine()
    {
        var played = await PlayAsync();
        var shown = await AgentCtl.RunAsync("runs", "show", played.Run.ToString(), "--server", Server);
        var counted = await AgentCtl.RunAsync("runs", "statistics", "--repository", "octo-demo/statistics", "--server", Server);
        var repeated = await AgentCtl.RunAsync("runs", "rerun", played.Run.ToString(), "--server", Server, "--format", "json");
        var again = JsonDocument.Parse(repeated.Output).RootElement.GetProperty("id").GetString()!;
        var cancelled = await AgentCtl.RunAsync("runs", "cancel", again, "--server", Server);
        var ended = await AgentCtl.RunAsync("follow", again, "--server", Server);
        var twice = await AgentCtl.RunAsync("runs", "cancel", again, "--server", Server);
        var approved = await AgentCtl.RunAsync("runs", "approve", again, "--server", Server);

        Assert.Equal((ExitCodes.Success, ExitCodes.Success, ExitCodes.Success, ExitCodes.Success), (shown.ExitCode, counted.ExitCode, repeated.ExitCode, cancelled.ExitCode));
        Assert.Contains("src/stats.sh:", shown.Output, StringComparison.Ordinal);
        Assert.Contains("review", shown.Output, StringComparison.Ordinal);
        Assert.Contains("failure", counted.Output, StringComparison.Ordinal);
        Assert.Equal((ExitCodes.RunFailed, ExitCodes.Refused, ExitCodes.Refused), (ended.ExitCode, twice.ExitCode, approved.ExitCode));
        Assert.Contains("cancelled", ended.Output, StringComparison.Ordinal);
        Assert.Contains(RunProblemCodes.RunConcluded, Assert.Single(twice.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheStatusAndTheHostsAreShown()
    {
        var status = await AgentCtl.RunAsync("status", "--server", Server);
        var host = Assert.Single((await Client.Hosts.ListAsync(null, PageLimits.Max, CancellationToken.None)).Items);
        var listed = await AgentCtl.RunAsync("hosts", "--server", Server);
        var shown = await AgentCtl.RunAsync("hosts", host.Id.ToString(), "--server", Server);

        Assert.Equal((ExitCodes.Success, 4), (status.ExitCode, status.Lines.Count));
        Assert.Contains(host.Id.ToString(), listed.Output, StringComparison.Ordinal);
        Assert.Contains("kernel", shown.Output, StringComparison.Ordinal);
    }

    private string Server => system.App.GetEndpoint(ServiceNames.Gateway).AbsoluteUri.TrimEnd('/');

    private string Emulators => system.App.GetEndpoint("emulators").AbsoluteUri.TrimEnd('/');

    private AgentPlatformClient Client => AgentPlatformClient.For(new Uri($"{Server}/"));

    /// <summary>Plays the demo for programs: its last line is what came of it.</summary>
    private async Task<Played> PlayAsync()
    {
        var result = await AgentCtl.RunAsync("demo", "--format", "json", "--server", Server, "--emulators", Emulators);
        Assert.True(result.ExitCode == ExitCodes.Success, $"{result.ExitCode} {result.Errors} {(result.Lines is [.., var last] ? last : string.Empty)}");
        var outcome = JsonDocument.Parse(result.Lines[^1]).RootElement;
        return new Played(
            RunId.Parse(outcome.GetProperty("run").GetString()), outcome.GetProperty("traceId").GetString(), outcome.GetProperty("check").GetString(), outcome.GetProperty("conclusion").GetString(),
            [.. outcome.GetProperty("annotations").EnumerateArray().Select(item => (item.GetProperty("file").GetString(), item.GetProperty("line").GetInt32()))],
            outcome.GetProperty("comments").GetInt32(), outcome.GetProperty("seconds").GetDouble());
    }

    private async Task<IReadOnlyList<RunSummary>> RunsOfAsync(RunSummary run) =>
        [.. (await Client.Runs.ListAsync(new RunQuery(run.Repository, run.PullRequest), null, PageLimits.Max, CancellationToken.None)).Items.Where(other => other.HeadSha == run.HeadSha)];

    private async Task<int> CheckRunsOfAsync(string head)
    {
        using var emulators = system.App.CreateHttpClient("emulators");
        var state = await emulators.GetFromJsonAsync<JsonElement>("/control/github/repositories/octo-demo/statistics/state");
        return state.GetProperty("checkRuns").EnumerateArray().Count(check => check.GetProperty("head_sha").GetString() == head);
    }

    private async Task<(IReadOnlyList<EventEnvelope> Events, HttpStatusCode Status)> StreamAsync(RunId run, string? lastEvent)
    {
        using var deadline = new CancellationTokenSource(Eventually.Patience);
        using var http = new HttpClient { BaseAddress = new Uri(Server) };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/streams/runs/{run}");
        if (lastEvent is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEvent);
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        List<EventEnvelope> events = [];
        if (response.StatusCode == HttpStatusCode.OK)
        {
            await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync(deadline.Token)).EnumerateAsync(deadline.Token))
            {
                events.Add(JsonSerializer.Deserialize(item.Data, ContractsJsonContext.Default.EventEnvelope)!);
            }
        }

        return (events, response.StatusCode);
    }

    private sealed record Played(
        RunId Run, string? TraceId, string? Check, string? Conclusion, IReadOnlyList<(string? File, int Line)> Annotations, int Comments, double Seconds);
}
