using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace AgentPlatform.Tests.StandIns.Clients.Resilience;

public sealed class RetryTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task TwoFailuresAndASuccessAreThreeAttempts()
    {
        await using var client = new ResilientClient(ResilientClient.Statuses(HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK));

        var answer = client.Http.GetAsync("/");
        await client.PassAsync(TimeSpan.FromSeconds(2));
        await client.PassAsync(TimeSpan.FromSeconds(4));

        Assert.Equal(HttpStatusCode.OK, (await answer.WaitAsync(Soon)).StatusCode);
        Assert.Equal(3, client.Attempts.Count);
    }

    [Fact]
    public async Task AFailureThatStaysIsAnsweredAfterFourAttempts()
    {
        List<DisposableResponse> responses = [];
        await using var client = new ResilientClient((_, _) =>
        {
            responses.Add(new DisposableResponse(HttpStatusCode.InternalServerError));
            return Task.FromResult<HttpResponseMessage>(responses[^1]);
        });

        var answer = client.Http.GetAsync("/");
        await client.PassAsync(TimeSpan.FromSeconds(2));
        await client.PassAsync(TimeSpan.FromSeconds(4));
        await client.PassAsync(TimeSpan.FromSeconds(8));

        Assert.Same(responses[3], await answer.WaitAsync(Soon));
        Assert.Equal([true, true, true, false], responses.Select(response => response.IsDisposed));
    }

    [Theory]
    [InlineData(HttpStatusCode.RequestTimeout)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.BadGateway)]
    [InlineData((HttpStatusCode)599)]
    public async Task TransientStatusesAreRepeated(HttpStatusCode status)
    {
        await using var client = new ResilientClient(ResilientClient.Statuses(status, HttpStatusCode.OK));

        var answer = client.Http.GetAsync("/");
        await client.PassAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(HttpStatusCode.OK, (await answer.WaitAsync(Soon)).StatusCode);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.Conflict)]
    [InlineData(HttpStatusCode.Redirect)]
    public async Task OtherStatusesAreAnswers(HttpStatusCode status)
    {
        await using var client = new ResilientClient(ResilientClient.Statuses(status));

        Assert.Equal(status, (await client.Http.GetAsync("/").WaitAsync(Soon)).StatusCode);
        Assert.Single(client.Attempts);
    }

    [Fact]
    public async Task ABrokenConnectionIsRepeatedAndThenThrown()
    {
        await using var client = new ResilientClient((_, _) => throw new HttpRequestException("broken"), options => options.Retry.MaxRetryAttempts = 1);

        var answer = client.Http.GetAsync("/");
        await client.PassAsync(TimeSpan.FromSeconds(2));

        await Assert.ThrowsAsync<HttpRequestException>(() => answer.WaitAsync(Soon));
        Assert.Equal(2, client.Attempts.Count);
    }

    [Fact]
    public async Task ACallerWhoGivesUpIsNotMadeToWait()
    {
        await using var client = new ResilientClient(ResilientClient.Statuses(HttpStatusCode.ServiceUnavailable));
        using var caller = new CancellationTokenSource();

        var answer = client.Http.GetAsync("/", caller.Token);
        await client.Clock.WaitForTimerAsync(due => due == TimeSpan.FromSeconds(2));
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer.WaitAsync(Soon));
        Assert.Single(client.Attempts);
    }

    public static TheoryData<HttpContent> RepeatableBodies => new(
        new StringContent("body"), JsonContent.Create("body"), new ByteArrayContent("body"u8.ToArray()),
        new StreamContent(new MemoryStream("body"u8.ToArray())), new FormUrlEncodedContent([new("a", "body")]));

    [Theory]
    [MemberData(nameof(RepeatableBodies))]
    public async Task APostIsRepeatedWithItsBodyByDefault(HttpContent content)
    {
        await using var client = new ResilientClient(ResilientClient.Statuses(HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK));

        var answer = client.Http.PostAsync("/", content);
        await client.PassAsync(TimeSpan.FromSeconds(2));
        await client.PassAsync(TimeSpan.FromSeconds(4));

        Assert.Equal(HttpStatusCode.OK, (await answer.WaitAsync(Soon)).StatusCode);
        Assert.Equal(3, client.Attempts.Count);
        Assert.All(client.Attempts, attempt => Assert.Contains("body", attempt, StringComparison.Ordinal));
        Assert.Single(client.Attempts.Distinct());
    }

    [Theory]
    [InlineData("POST", 1)]
    [InlineData("DELETE", 1)]
    [InlineData("GET", 2)]
    public async Task AMethodIsNotRepeatedWhereShouldHandleExcludesIt(string method, int attempts)
    {
        await using var client = new ResilientClient(
            ResilientClient.Statuses(HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK),
            options => options.Retry.ShouldHandle = args => ValueTask.FromResult(
                HttpClientResiliencePredicates.IsTransient(args.Outcome) && args.Outcome.Result?.RequestMessage?.Method == HttpMethod.Get));

        using var request = new HttpRequestMessage(new HttpMethod(method), "/");
        var answer = client.Http.SendAsync(request);
        if (attempts == 2)
        {
            await client.PassAsync(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(attempts == 2 ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, (await answer.WaitAsync(Soon)).StatusCode);
        Assert.Equal(attempts, client.Attempts.Count);
    }

    [Fact]
    public async Task ShouldHandleFindsTheRequestAlsoWhereThereWasNoAnswer()
    {
        var key = new ResiliencePropertyKey<HttpRequestMessage?>("Resilience.Http.RequestMessage");
        await using var client = new ResilientClient(
            (_, _) => throw new HttpRequestException("broken"),
            options => options.Retry.ShouldHandle = args => ValueTask.FromResult(
                args.Context.Properties.GetValue(key, null)?.Method != HttpMethod.Post && HttpClientResiliencePredicates.IsTransient(args.Outcome)));

        await Assert.ThrowsAsync<HttpRequestException>(() => client.Http.PostAsync("/", new StringContent("body")).WaitAsync(Soon));
        Assert.Single(client.Attempts);
    }

    [Fact]
    public async Task ABodyThatCannotBeReadAgainIsSentOnce()
    {
        await using var client = new ResilientClient(ResilientClient.Statuses(HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK));

        var answer = await client.Http.PostAsync("/", new StreamContent(new OneWayStream("body"))).WaitAsync(Soon);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(["POST body"], client.Attempts);
    }

    [Fact]
    public async Task RetryAfterInSecondsDecidesThePause()
    {
        await using var client = new ResilientClient(RetryAfter(_ => new RetryConditionHeaderValue(TimeSpan.FromSeconds(7))));

        var answer = client.Http.GetAsync("/");
        await client.PassAsync(TimeSpan.FromSeconds(7));

        Assert.Equal(HttpStatusCode.OK, (await answer.WaitAsync(Soon)).StatusCode);
    }

    [Fact]
    public async Task RetryAfterAsADateDecidesThePause()
    {
        ResilientClient? client = null;
        await using var made = client = new ResilientClient(RetryAfter(_ => new RetryConditionHeaderValue(client!.Clock.GetUtcNow().AddSeconds(9))));

        var answer = client.Http.GetAsync("/");
        await client.PassAsync(TimeSpan.FromSeconds(9));

        Assert.Equal(HttpStatusCode.OK, (await answer.WaitAsync(Soon)).StatusCode);
    }

    [Fact]
    public async Task RetryAfterIsPassedOverWhereItShallNotCount()
    {
        await using var client = new ResilientClient(
            RetryAfter(_ => new RetryConditionHeaderValue(TimeSpan.FromSeconds(7))), options => options.Retry.ShouldRetryAfterHeader = false);

        var answer = client.Http.GetAsync("/");
        await client.PassAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(HttpStatusCode.OK, (await answer.WaitAsync(Soon)).StatusCode);
    }

    private static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> RetryAfter(Func<int, RetryConditionHeaderValue> header)
    {
        var attempts = 0;
        return (_, _) =>
        {
            var response = new HttpResponseMessage(++attempts == 1 ? HttpStatusCode.TooManyRequests : HttpStatusCode.OK);
            response.Headers.RetryAfter = attempts == 1 ? header(attempts) : null;
            return Task.FromResult(response);
        };
    }

    private sealed class DisposableResponse(HttpStatusCode status) : HttpResponseMessage(status)
    {
        public bool IsDisposed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }

    private sealed class OneWayStream(string text) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override bool CanSeek => false;
    }
}
