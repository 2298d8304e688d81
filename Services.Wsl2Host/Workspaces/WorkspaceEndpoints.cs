using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Microsoft.AspNetCore.Http.HttpResults;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Instances;

namespace Services.Wsl2Host.Workspaces;

/// <summary>Workspaces over HTTP.</summary>
internal static class WorkspaceEndpoints
{
    public static void MapWorkspaces(this IEndpointRouteBuilder instances)
    {
        instances.MapPost("/{id}/workspace", PrepareAsync);
        instances.MapGet("/{id}/workspace/diff", (InstanceId id, WorkspaceMaker workspaces) => TypedResults.Ok(workspaces.Diff(id)));
        instances.MapGet("/{id}/workspace/file", ReadFile);
    }

    internal static async Task<Ok<WorkspaceView>> PrepareAsync(
        InstanceId id, PrepareWorkspaceRequest request, WorkspaceMaker workspaces, CancellationToken cancellationToken) =>
        TypedResults.Ok(await workspaces.PrepareAsync(id, request, cancellationToken));

    internal static FileContentHttpResult ReadFile(InstanceId id, string path, InstanceKeeper instances, IInstanceDriver driver)
    {
        instances.Find(id);
        return driver.Workspace(id) is { } workspace
            ? TypedResults.Bytes(WorkspaceFiles.Read(workspace, path), "application/octet-stream")
            : throw HostRefusal.NoSuchWorkspace(id);
    }
}
