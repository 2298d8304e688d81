using System.Net.Http.Headers;
using System.Security.Claims;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity;
using Yarp.ReverseProxy.ServiceDiscovery;
using Yarp.ReverseProxy.Transforms;

namespace Services.Gateway.Routes;

/// <summary>The reverse proxy before the services.</summary>
internal static class RouteExtensions
{
    private static readonly string[] EveryScope =
    [
        Scopes.RunsRead, Scopes.RunsWrite, Scopes.DeliveriesRead, Scopes.HostsRead, Scopes.SessionsRead, Scopes.SessionsWrite, Scopes.StatusRead,
    ];

    /// <summary>What a delivery carried may come from any repository, and to replay one starts work for its owner: both are the operator's.</summary>
    private static readonly string[] OperatorScopes = [.. EveryScope, Scopes.DeliveriesPayload, Scopes.DeliveriesReplay];

    public static void AddRoutes(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IDestinationResolver, DiscoveredDestinations>();
        builder.Services.AddReverseProxy()
            .LoadFromMemory(RouteTable.Routes, RouteTable.Clusters)
            .ConfigureHttpClient((_, handler) => handler.ConnectTimeout = TimeSpan.FromSeconds(5))
            .AddTransforms(context => context.AddRequestTransform(ExchangeCredentials));
    }

    public static void MapRoutes(this IEndpointRouteBuilder app) => app.MapReverseProxy();

    /// <summary>
    /// The caller's own credentials end here. A service gets a token that says for whom Gateway asks, or, for an anonymous caller, nothing.
    /// </summary>
    private static ValueTask ExchangeCredentials(RequestTransformContext context)
    {
        var (http, request) = (context.HttpContext, context.ProxyRequest);
        request.Headers.Remove("Cookie");
        request.Headers.Authorization = null;
        if (http.User is { Identity.IsAuthenticated: true } caller)
        {
            var tokens = http.RequestServices.GetRequiredService<ServiceTokens>();
            var audience = http.GetReverseProxyFeature().Cluster.Config.ClusterId;
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenFor(caller, tokens, audience));
        }

        return ValueTask.CompletedTask;
    }

    private static string TokenFor(ClaimsPrincipal caller, ServiceTokens tokens, string audience) => tokens.ForPerson(
        audience,
        Claim(caller, ServiceClaimTypes.Subject),
        Claim(caller, ServiceClaimTypes.Role),
        caller.IsInRole(Roles.Admin) ? OperatorScopes : EveryScope,
        TenantId.Parse(Claim(caller, ServiceClaimTypes.Tenant)));

    private static string Claim(ClaimsPrincipal caller, string type) =>
        caller.FindFirstValue(type) ?? throw new InvalidOperationException($"A caller was let in without the claim {type}.");
}
