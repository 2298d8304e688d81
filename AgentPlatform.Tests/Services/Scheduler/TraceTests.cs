using System.Diagnostics;
using System.Net;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Traces;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;
using Services.Scheduler.Runs;
using Services.Scheduler.Traces;

namespace AgentPlatform.Tests.Services.Scheduler;

public sealed class TraceTests : SchedulerTest
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private static readonly DateTimeOffset Begin = TimeProvider.System.GetUtcNow().AddSeconds(-5);

    [Fact]
    public async Task SpansThatComeBeforeTheirRunAreKeptAndThoseOfNoRunAreNot()
    {
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(Span("00f067aa0ba902b7", null), Span("1111111111111111", null, trace: new string('b', 32))));
        var run = await AddRunAsync();
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(Span("00f067aa0ba902b8", "00f067aa0ba902b7")));

        await Node.Services.GetRequiredService<SpanCollector>().PollOnceAsync(CancellationToken.None);

        var trace = await ReadAsync(run.Id);
        Assert.Equal(Trace, trace.TraceId);
        Assert.Equal([("00f067aa0ba902b7", null), ("00f067aa0ba902b8", "00f067aa0ba902b7")], trace.Spans.Select(span => (span.SpanId, span.ParentSpanId)));
        Assert.Equal("octo", trace.Spans[0].Attributes["who"]);
    }

    [Fact]
    public async Task ASpanWhoseProcessWasKilledEndsWithItsRun()
    {
        var run = await AddRunAsync();
        await SendAsync(Span("00f067aa0ba902b7", null, ended: false));
        Assert.Null(Assert.Single((await ReadAsync(run.Id)).Spans).EndedAt);

        await Node.Store.ApplyAsync(run.Id, new RunCommand.End(RunConclusion.Cancelled, "enough"), CancellationToken.None);

        var span = Assert.Single((await ReadAsync(run.Id)).Spans);
        Assert.Equal(("unfinished", (await Node.Store.FindAsync(run.Id, CancellationToken.None))!.ConcludedAt), (span.Status, span.EndedAt));
    }

    [Fact]
    public async Task TheEndOfASpanTakesThePlaceOfItsBeginningAndIsNotTakenBack()
    {
        var run = await AddRunAsync();
        await SendAsync(Span("00f067aa0ba902b7", null, ended: false), Span("00f067aa0ba902b7", null));
        await SendAsync(Span("00f067aa0ba902b7", null, ended: false));

        Assert.NotNull(Assert.Single((await ReadAsync(run.Id)).Spans).EndedAt);
    }

    [Fact]
    public async Task ABatchThatBreaksTheLimitsIsRefused()
    {
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(Span("nonsense", null)));
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(Span("00f067aa0ba902b7", null) with { Name = new string('n', SpanLimits.NameMax + 1) }));
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync([.. Enumerable.Repeat(Span("00f067aa0ba902b7", null), SpanLimits.BatchMax + 1)]));
    }

    [Theory]
    [InlineData(ActivityKind.Client, SamplingDecision.Drop)]
    [InlineData(ActivityKind.Server, SamplingDecision.RecordAndSample)]
    [InlineData(ActivityKind.Consumer, SamplingDecision.RecordAndSample)]
    [InlineData(ActivityKind.Internal, SamplingDecision.RecordAndSample)]
    public void ACallThatNothingCausedIsNotRecorded(ActivityKind kind, SamplingDecision decision) => Assert.Equal(
        decision, new CausedSampler().ShouldSample(new SamplingParameters(default, ActivityTraceId.CreateRandom(), "x", kind, null, null)).Decision);

    private Task<RunRow> AddRunAsync() => Node.AddRunAsync(traceparent: $"00-{Trace}-00f067aa0ba902b7-01");

    private static SpanRecord Span(string id, string? parent, bool ended = true, string trace = Trace) => new(
        trace, id, parent, "webhooks", "POST /webhooks/github", "server", "unset", Begin, ended ? Begin.AddSeconds(1) : null, new Dictionary<string, string> { ["who"] = "octo" });

    private async Task<HttpStatusCode> SendAsync(params SpanRecord[] spans) =>
        (await Node.CallAsync(HttpMethod.Post, "internal/spans", Scopes.SpansWrite, new SpanBatch(spans))).Status;

    private async Task<RunTrace> ReadAsync(RunId run) =>
        (await Node.CallAsync(HttpMethod.Get, $"api/v1/runs/{run}/trace", Scopes.RunsRead)).Answer.Deserialize(RunsJsonContext.Default.RunTrace)!;
}
