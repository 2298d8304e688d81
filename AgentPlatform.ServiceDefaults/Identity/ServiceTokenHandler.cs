using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;

namespace AgentPlatform.ServiceDefaults.Identity;

/// <summary>Adds the service's token to every call. It stands inside the resilience handler, so a late attempt has a live token.</summary>
internal sealed class ServiceTokenHandler(ServiceTokens tokens, string audience, IReadOnlyList<string> scopes) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.ForItself(audience, scopes));
        return base.SendAsync(request, cancellationToken);
    }
}

/// <summary>Adds service tokens to clients.</summary>
public static class ServiceTokenHandlerExtensions
{
    /// <summary>Every call of the client carries a service token.</summary>
    /// <param name="client">The client. It must be one that calls that service and nobody else.</param>
    /// <param name="audience">The service that it calls.</param>
    /// <param name="scopes">What the calls need.</param>
    public static IHttpClientBuilder AddServiceToken(this IHttpClientBuilder client, string audience, params string[] scopes) =>
        client.AddHttpMessageHandler(services => new ServiceTokenHandler(services.GetRequiredService<ServiceTokens>(), audience, scopes));
}
