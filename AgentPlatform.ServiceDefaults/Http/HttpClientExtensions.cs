using AgentPlatform.ServiceDefaults.Http;
using AgentPlatform.ServiceDefaults.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace Microsoft.Extensions.Hosting;

/// <summary>HTTP clients as every service uses them.</summary>
public static class HttpClientExtensions
{
    /// <summary>
    /// A named client for calls to another service: its address is the service's name, resolved by discovery; every call carries a
    /// service token for it.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="service">The service, see <see cref="AgentPlatform.Contracts.ServiceNames"/>; also the client's name.</param>
    /// <param name="scopes">What the calls need, see <see cref="AgentPlatform.Contracts.Scopes"/>.</param>
    public static IHttpClientBuilder AddServiceHttpClient(this IServiceCollection services, string service, params string[] scopes)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(service);
        return services.AddHttpClient(service, client => client.BaseAddress = new Uri($"http://{service}")).AddServiceToken(service, scopes);
    }

    /// <summary>
    /// A named client for long polls, streams and model calls: discovery, but neither the standard handler, whose attempts end after 10 s,
    /// nor any timeout. The caller's cancellation token is the only limit, so every call brings one. A connection that stops answering
    /// is noticed by HTTP/2 pings, or by the caller's own heartbeat.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="name">The client's name.</param>
    public static IHttpClientBuilder AddLongLivedHttpClient(this IServiceCollection services, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return services.AddHttpClient(name, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigureAdditionalHttpMessageHandlers((handlers, _) =>
            {
                // The handler's type is marked experimental, so it is known by its name; a test watches over that.
                foreach (var handler in handlers.Where(IsStandardHandler).ToList())
                {
                    handlers.Remove(handler);
                }
            });
    }

    internal static bool IsStandardHandler(HttpMessageHandler handler) => handler.GetType() is { Name: "ResilienceHandler" } type
        && type.Assembly == typeof(HttpStandardResilienceOptions).Assembly;

    /// <summary>The defaults of every client: discovery inside, standard resilience outside it, so that every attempt resolves anew.</summary>
    internal static void AddHttpClientDefaults(this IServiceCollection services) => services.ConfigureHttpClientDefaults(http =>
    {
        http.AddHttpMessageHandler(() => new IdempotencyHandler());
        http.AddStandardResilienceHandler(RetryOnlyWhatMayBeRepeated).SelectPipelineByAuthority();
        http.AddServiceDiscovery();
        http.UseSocketsHttpHandler((handler, _) =>
        {
            handler.ConnectTimeout = TimeSpan.FromSeconds(5);
            handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
            handler.PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1);
            handler.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
            handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
            handler.MaxConnectionsPerServer = 256;
            handler.UseCookies = false;
        });
    });

    private static void RetryOnlyWhatMayBeRepeated(HttpStandardResilienceOptions options)
    {
        var transient = options.Retry.ShouldHandle;
        options.Retry.ShouldHandle = args => IdempotencyHandler.CurrentMayBeRepeated ? transient(args) : ValueTask.FromResult(false);
    }
}
