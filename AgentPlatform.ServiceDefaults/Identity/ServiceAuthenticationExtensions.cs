using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity;
using AgentPlatform.ServiceDefaults.Identity.Tokens;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Hosting;

/// <summary>Service tokens: made, published, and asked for.</summary>
public static class ServiceAuthenticationExtensions
{
    /// <summary>The authentication scheme of service tokens.</summary>
    public const string Scheme = "Service";

    /// <summary>
    /// Makes service tokens the way into this service: every endpoint asks for one, unless it says otherwise by
    /// <see cref="AuthorizationEndpointConventionBuilderExtensions.AllowAnonymous{TBuilder}(TBuilder)"/>. The service publishes its own keys at
    /// <c>/.well-known/service-keys</c>. It does not start without <c>ServiceIdentity:Secret</c>.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="audience">The service's own name: tokens for any other are refused.</param>
    public static AuthenticationBuilder AddServiceAuthentication(this WebApplicationBuilder builder, string audience)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(audience);
        var services = builder.Services;
        services.AddOptionsWithValidateOnStart<ServiceIdentityOptions, ServiceIdentityOptionsValidator>()
            .BindConfiguration(ServiceIdentityOptions.Section);
        services.AddHttpClient(FetchedKeys.Client, client => client.MaxResponseContentBufferSize = FetchedKeys.AnswerMax);
        services.AddSingleton<IIssuerKeys>(provider => new IssuerKeys(
            provider.GetRequiredService<IOptions<ServiceIdentityOptions>>(),
            issuer => ActivatorUtilities.CreateInstance<FetchedKeys>(provider, issuer)));
        services.AddSingleton(provider => new ServiceTokenVerifier(
            audience, provider.GetRequiredService<IIssuerKeys>(), provider.GetRequiredService<TimeProvider>()));
        services.AddAuthorizationBuilder().SetFallbackPolicy(SomebodyOrNowhere());
        return services.AddAuthentication(Scheme).AddScheme<AuthenticationSchemeOptions, ServiceAuthenticationHandler>(Scheme, null);
    }

    /// <summary>The endpoint asks for a service token with this scope.</summary>
    /// <param name="endpoint">The endpoint, or a group.</param>
    /// <param name="scope">See <see cref="Scopes"/>.</param>
    public static TBuilder RequireScope<TBuilder>(this TBuilder endpoint, string scope)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(scope);
        return endpoint.RequireAuthorization(policy => policy
            .AddAuthenticationSchemes(Scheme)
            .RequireAuthenticatedUser()
            .RequireClaim(ServiceClaimTypes.Scope, scope));
    }

    internal static void AddServiceTokens(this IServiceCollection services)
    {
        services.AddSingleton<ServiceKeys>();
        services.AddSingleton(provider => new ServiceTokens(
            provider.GetRequiredService<ServiceInfo>(), provider.GetRequiredService<ServiceKeys>, provider.GetRequiredService<TimeProvider>()));
    }

    internal static void MapServiceKeys(this IEndpointRouteBuilder app) => app
        .MapGet(FetchedKeys.Path, (ServiceKeys keys) => TypedResults.Json(keys.Published, KeysJsonContext.Default.JsonWebKeySet))
        .AllowAnonymous()
        .ExcludeFromDescription();

    /// <summary>For endpoints that name no policy: a known caller. Where there is nothing, anybody is told so by 404, 405 or 415.</summary>
    private static AuthorizationPolicy SomebodyOrNowhere() => new AuthorizationPolicyBuilder()
        .RequireAssertion(context => context.User.Identity is { IsAuthenticated: true } || (context.Resource is HttpContext http && IsNowhere(http.GetEndpoint())))
        .Build();

    /// <summary>Routing's own refusals are endpoints too, but bare ones: no route, no metadata.</summary>
    private static bool IsNowhere(Endpoint? endpoint) => endpoint is null || (endpoint is not RouteEndpoint && endpoint.Metadata.Count == 0);
}
