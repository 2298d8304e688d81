using AgentPlatform.Contracts;
using Microsoft.AspNetCore.Http.HttpResults;
using Services.Gateway.People;

namespace Services.Gateway.Status;

/// <summary><c>GET /api/v1/system</c>: the platform at this moment, as a person sees it.</summary>
internal static class SystemStatusEndpoint
{
    public static void AddSystemStatus(this WebApplicationBuilder builder)
    {
        foreach (var service in SystemStatusReader.Others)
        {
            builder.Services.AddServiceHttpClient(service, Scopes.StatusRead);
        }

        builder.Services.AddSingleton<SystemStatusReader>();
    }

    public static void MapSystemStatus(this IEndpointRouteBuilder app) => app
        .MapGet("/api/v1/system", HandleAsync)
        .RequireAuthorization(LocalDeveloper.Policy)
        .WithTags("System");

    /// <summary>Always 200: a service that is down is what the answer tells, not a failure of the question.</summary>
    private static async Task<Ok<SystemStatus>> HandleAsync(SystemStatusReader system, CancellationToken cancellationToken) =>
        TypedResults.Ok(await system.ReadAsync(cancellationToken));
}
