using AgentPlatform.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace AgentPlatform.ServiceDefaults.Health;

/// <summary>The service's status for other services.</summary>
internal static class StatusEndpoint
{
    public const string Path = "/internal/status";

    public static void MapStatus(this IEndpointRouteBuilder app) => app
        .MapGet(Path, async (StatusReader status, CancellationToken cancellationToken) => TypedResults.Ok(await status.ReadAsync(cancellationToken)))
        .RequireScope(Scopes.StatusRead)
        .ExcludeFromDescription();
}
