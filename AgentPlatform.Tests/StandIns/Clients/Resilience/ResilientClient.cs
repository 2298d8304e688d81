using System.Collections.Concurrent;
using System.Net;
using System.Text;
using AgentPlatform.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace AgentPlatform.Tests.StandIns.Clients.Resilience;

/// <summary>A client with the standard handler, on a clock that the test moves and a network that the test plays.</summary>
internal sealed class ResilientClient : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public ResilientClient(
        Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> network,
        Action<HttpStandardResilienceOptions>? configure = null,
        Action<IHttpStandardResiliencePipelineBuilder>? build = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Clock);
        var builder = services.AddHttpClient("test").ConfigurePrimaryHttpMessageHandler(() => new Network(Attempts, network));
        var handler = builder.AddStandardResilienceHandler(options =>
        {
            // Without jitter the pauses are 2, 4 and 8 seconds.
            options.Retry.UseJitter = false;
            configure?.Invoke(options);
        });
        build?.Invoke(handler);
        _services = services.BuildServiceProvider();
        Http = _services.GetRequiredService<IHttpClientFactory>().CreateClient("test");
        Http.BaseAddress = new Uri("http://a.example/");
    }

    public ManualTimeProvider Clock { get; } = new();

    public HttpClient Http { get; }

    /// <summary>The attempts that reached the network, with the bodies that they had.</summary>
    public ConcurrentQueue<string> Attempts { get; } = [];

    /// <summary>Plays statuses one after another; the last one for ever.</summary>
    public static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Statuses(params HttpStatusCode[] statuses)
    {
        var next = -1;
        return (request, _) => Task.FromResult(new HttpResponseMessage(statuses[Math.Min(Interlocked.Increment(ref next), statuses.Length - 1)]) { RequestMessage = request });
    }

    /// <summary>Plays a server that never answers.</summary>
    public static async Task<HttpResponseMessage> SilenceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        throw new InvalidOperationException("unreachable");
    }

    /// <summary>Waits until the client waits for exactly this long, and lets the time pass.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        await Clock.WaitForTimerAsync(due => due == time);
        Clock.Advance(time);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();

        // Polly lets what is under way come to its end, and takes the time for that from the clock.
        var disposal = _services.DisposeAsync().AsTask();
        while (!disposal.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromMinutes(1));
            await Task.WhenAny(disposal, Task.Delay(1));
        }

        await disposal;
    }

    private sealed class Network(ConcurrentQueue<string> attempts, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> play) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            // Copied as a network does it: reading would leave the body in a buffer.
            using var body = new MemoryStream();
            await (request.Content?.CopyToAsync(body, cancellationToken) ?? Task.CompletedTask);
            attempts.Enqueue($"{request.Method} {Encoding.UTF8.GetString(body.ToArray())}".TrimEnd());
            return await play(request, cancellationToken);
        }
    }
}
