using System.Diagnostics;
using AgentPlatform.Tests.Hosts;
using StackExchange.Redis;

namespace AgentPlatform.Tests.StandIns.Clients.Redis;

public sealed class RedisSpansTests
{
    [Fact]
    public async Task ACommandIsASpanOfTheCallerWithoutKeysOrValues()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        List<Activity> spans = [];
        using var caller = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();
        using var listener = Listen(caller.TraceId, spans);

        await client.GetDatabase().StringSetAsync("secret-key", "secret-value");
        await Assert.ThrowsAsync<RedisServerException>(() => client.GetDatabase().ExecuteAsync("HGET", "secret-key", "secret-field"));

        Assert.Equal(["SET", "HGET"], spans.Select(span => span.DisplayName));
        Assert.All(spans, span =>
        {
            Assert.Equal((ActivityKind.Client, caller.SpanId), (span.Kind, span.ParentSpanId));
            Assert.Equal("redis", span.GetTagItem("db.system"));
            Assert.Equal("127.0.0.1", span.GetTagItem("server.address"));
            Assert.DoesNotContain(span.TagObjects, tag => tag.Value?.ToString()?.Contains("secret", StringComparison.Ordinal) is true);
        });
        Assert.Equal(("WRONGTYPE", ActivityStatusCode.Error), (spans[1].GetTagItem("error.type"), spans[1].Status));
        Assert.Equal(ActivityStatusCode.Unset, spans[0].Status);
    }

    [Fact]
    public async Task ACommandOfNobodyMakesNoSpan()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        List<Activity> spans = [];
        Activity.Current = null;
        using var listener = Listen(default, spans);

        await client.GetDatabase().ExecuteAsync("ECHO", "of nobody");

        Assert.DoesNotContain(spans, span => span.DisplayName == "ECHO" && span.ParentSpanId == default);
    }

    // Other tests run at the same time: only spans of one trace, or with "default" all, are collected.
    private static ActivityListener Listen(ActivityTraceId trace, List<Activity> spans)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "OpenTelemetry.Instrumentation.StackExchangeRedis",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (spans)
                {
                    if (trace == default || span.TraceId == trace)
                    {
                        spans.Add(span);
                    }
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
