using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Microsoft.AspNetCore.Http.HttpResults;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Instances;

/// <summary>Instances over HTTP. See <see cref="HostRoutes"/>.</summary>
internal static class InstanceEndpoints
{
    public static RouteGroupBuilder MapInstances(this IEndpointRouteBuilder routes)
    {
        var instances = routes.MapGroup(HostRoutes.Instances).RequireScope(Scopes.InstancesWrite).WithTags("Instances").AddEndpointFilter<RefusalFilter>();
        instances.MapPost("", CreateAsync);
        instances.MapGet("", List);
        instances.MapGet("/{id}", Inspect);
        instances.MapDelete("/{id}", DestroyAsync);
        instances.MapPost("/{id}/lease", RenewAsync);
        instances.MapPost("/{id}/stop", StopAsync);
        return instances;
    }

    internal static async Task<Results<Created<HostInstance>, Ok<HostInstance>>> CreateAsync(
        CreateInstanceRequest request, InstanceKeeper instances, InstanceViews views, CancellationToken cancellationToken)
    {
        using var span = HostTelemetry.Source.StartActivity("create instance");
        span?.SetTag(HostTelemetry.InstanceTag, request.Id.ToString());
        var (held, created) = await instances.CreateAsync(request, cancellationToken);
        var view = views.Of(held);
        return created ? TypedResults.Created(HostRoutes.Instance(request.Id), view) : TypedResults.Ok(view);
    }

    internal static Ok<IReadOnlyList<HostInstance>> List(InstanceKeeper instances, InstanceViews views) =>
        TypedResults.Ok<IReadOnlyList<HostInstance>>([.. instances.All.Select(views.Of)]);

    internal static Ok<HostInstance> Inspect(InstanceId id, InstanceKeeper instances, InstanceViews views) => TypedResults.Ok(views.Of(instances.Find(id)));

    internal static async Task<Ok<HostInstance>> RenewAsync(
        InstanceId id, RenewLeaseRequest request, InstanceKeeper instances, InstanceViews views, CancellationToken cancellationToken) =>
        TypedResults.Ok(views.Of(await instances.RenewAsync(id, request, cancellationToken)));

    internal static async Task<Ok<HostInstance>> StopAsync(
        InstanceId id, StopInstanceRequest request, InstanceKeeper instances, InstanceViews views, CancellationToken cancellationToken) =>
        TypedResults.Ok(views.Of(await instances.StopAsync(id, request, cancellationToken)));

    internal static async Task<NoContent> DestroyAsync(InstanceId id, long? generation, InstanceKeeper instances, CancellationToken cancellationToken)
    {
        using var span = HostTelemetry.Source.StartActivity("destroy instance");
        span?.SetTag(HostTelemetry.InstanceTag, id.ToString());
        await instances.DestroyAsync(id, generation ?? throw HostRefusal.Invalid("The query must name a generation."), "deleted", cancellationToken);
        return TypedResults.NoContent();
    }
}
