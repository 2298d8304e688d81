using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;

namespace Services.Wsl2Host.Status;

/// <summary>The host over HTTP.</summary>
internal static class HostStatusEndpoint
{
    public static void MapHostStatus(this IEndpointRouteBuilder routes) =>
        routes.MapGet(HostRoutes.Host, (HostStatusReader status) => TypedResults.Ok(status.Read())).RequireScope(Scopes.HostsRead).WithTags("Host");
}
