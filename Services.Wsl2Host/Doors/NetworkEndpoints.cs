using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Microsoft.AspNetCore.Http.HttpResults;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Instances;

namespace Services.Wsl2Host.Doors;

/// <summary>What an instance can reach, over HTTP.</summary>
internal static class NetworkEndpoints
{
    public static void MapNetwork(this IEndpointRouteBuilder instances) => instances.MapPost("/{id}/network", SetAsync);

    internal static Task<Ok<NetworkView>> SetAsync(
        InstanceId id, SetNetworkRequest request, InstanceKeeper instances, IInstanceDoors doors, CancellationToken cancellationToken) =>
        instances.WithAsync(id, request.Generation, async held =>
        {
            held.MustRun();
            var allowed = request.Phase == NetworkPhase.Setup ? request.AllowedHosts ?? [] : [];
            if (request.Model is { Token.Value: null or "" })
            {
                throw HostRefusal.Invalid("model.token must not be empty.");
            }

            // Written down first when it closes, last when it opens: after a death in between the network is closed.
            if (request.Phase == NetworkPhase.Closed)
            {
                held.Change(record => record with { Phase = NetworkPhase.Closed, AllowedHosts = [] });
            }

            await doors.SetAsync(id, request.Phase, allowed, request.Model?.Token);
            held.Change(record => record with { Phase = request.Phase, AllowedHosts = allowed });
            return TypedResults.Ok(new NetworkView(request.Phase, allowed, doors.HasModelToken(id)));
        }, cancellationToken);
}
