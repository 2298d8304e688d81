using System.Diagnostics.Metrics;
using System.Net;
using AgentPlatform.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.RateLimiting;
using Polly.Retry;
using Polly.Timeout;

namespace AgentPlatform.Tests.StandIns.Clients.Resilience;

public sealed class TimeoutAndLimitTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task AnAttemptEndsAfterTenSecondsAndTheRequestAfterThirty()
    {
        await using var client = new ResilientClient(ResilientClient.SilenceAsync);
        var started = client.Clock.GetUtcNow();

        var answer = client.Http.GetAsync("/");
        await client.PassAsync(TimeSpan.FromSeconds(10));
        await client.PassAsync(TimeSpan.FromSeconds(2));
        await client.PassAsync(TimeSpan.FromSeconds(10));
        await client.PassAsync(TimeSpan.FromSeconds(4));
        Assert.False(answer.IsCompleted);
        await client.Clock.WaitForTimerAsync(due => due == TimeSpan.FromSeconds(10));
        client.Clock.Advance(TimeSpan.FromSeconds(4));

        var late = await Assert.ThrowsAsync<TimeoutRejectedException>(() => answer.WaitAsync(Soon));
        Assert.Equal(TimeSpan.FromSeconds(30), late.Timeout);
        Assert.Equal((3, TimeSpan.FromSeconds(30)), (client.Attempts.Count, client.Clock.GetUtcNow() - started));
    }

    [Fact]
    public async Task AnAnswerAfterATimeoutCounts()
    {
        var attempts = 0;
        await using var client = new ResilientClient(async (request, cancellationToken) =>
            ++attempts == 1 ? await ResilientClient.SilenceAsync(request, cancellationToken) : new HttpResponseMessage(HttpStatusCode.OK));

        var answer = client.Http.GetAsync("/");
        await client.PassAsync(TimeSpan.FromSeconds(10));
        await client.PassAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(HttpStatusCode.OK, (await answer.WaitAsync(Soon)).StatusCode);
    }

    [Fact]
    public async Task MoreThanTheLimitAtOnceIsRefused()
    {
        var release = new TaskCompletionSource<HttpResponseMessage>();
        await using var client = new ResilientClient((_, _) => release.Task, options => options.RateLimiter.DefaultRateLimiterOptions.PermitLimit = 2);
        Task<HttpResponseMessage>[] within = [client.Http.GetAsync("/"), client.Http.GetAsync("/")];

        await Assert.ThrowsAsync<RateLimiterRejectedException>(() => client.Http.GetAsync("/"));

        release.SetResult(new HttpResponseMessage(HttpStatusCode.OK));
        await Task.WhenAll(within).WaitAsync(Soon);
        Assert.Equal(HttpStatusCode.OK, (await client.Http.GetAsync("/").WaitAsync(Soon)).StatusCode);
    }

    [Fact]
    public async Task TheClientItselfDoesNotTimeOut()
    {
        await using var client = new ResilientClient(ResilientClient.Statuses(HttpStatusCode.OK));

        Assert.Equal(Timeout.InfiniteTimeSpan, client.Http.Timeout);
    }

    [Fact]
    public async Task AHandlerOfOnesOwnSendsThroughItsStrategies()
    {
        var clock = new ManualTimeProvider();
        var sent = 0;
        var services = new ServiceCollection().AddSingleton<TimeProvider>(clock);
        services.AddHttpClient("own")
            .ConfigurePrimaryHttpMessageHandler(() => new Counting(() => ++sent))
            .AddResilienceHandler("slow", pipeline => pipeline.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = args => ValueTask.FromResult(!args.Outcome.Result!.IsSuccessStatusCode),
                MaxRetryAttempts = 1,
                Delay = TimeSpan.FromMinutes(1),
            }));
        await using var provider = services.BuildServiceProvider();
        using var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("own");

        var answer = http.GetAsync("http://a.example/");
        await clock.WaitForTimerAsync(due => due == TimeSpan.FromMinutes(1));
        clock.Advance(TimeSpan.FromMinutes(1));

        await answer.WaitAsync(Soon);
        Assert.Equal(2, sent);
    }

    [Fact]
    public async Task EventsAreCountedUnderPollysNames()
    {
        List<(string Instrument, string? Event, string? Pipeline)> measured = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "Polly")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var byName = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value as string);
            lock (measured)
            {
                measured.Add((instrument.Name, byName["event.name"], byName["pipeline.instance"]));
            }
        }

        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        listener.Start();
        await using var client = new ResilientClient(
            ResilientClient.Statuses(HttpStatusCode.BadGateway, HttpStatusCode.OK), build: handler => handler.SelectPipelineBy(_ => _ => "counted"));

        var answer = client.Http.GetAsync("/");
        await client.PassAsync(TimeSpan.FromSeconds(2));
        await answer.WaitAsync(Soon);

        lock (measured)
        {
            Assert.Contains(("resilience.polly.strategy.events", "OnRetry", "counted"), measured);
            Assert.Equal(2, measured.Count(one => one == ("resilience.polly.strategy.attempt.duration", "ExecutionAttempt", "counted")));
            Assert.Contains(("resilience.polly.pipeline.duration", "PipelineExecuted", "counted"), measured);
        }
    }

    private sealed class Counting(Action count) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            count();
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.BadRequest));
        }
    }
}
