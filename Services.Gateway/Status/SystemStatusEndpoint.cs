using AgentPlatform.Contracts;
using Microsoft.AspNetCore.Http.HttpResults;
using Services.Gateway.People;

namespace Services.Gateway.Status;

/// <summary><c>GET /api/v1/system</c>: the platform at this moment, as a person sees it.</summary>
internal static class SystemStatusEndpoint
{
    public static void AddSystemStatus(this WebApplicationBuilder builder)
    {
        var others = Others(builder.Configuration);
        foreach (var service in others)
        {
            builder.Services.AddServiceHttpClient(service, Scopes.StatusRead);
        }

        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<SystemStatusReader>(services, others));
    }

    public static void MapSystemStatus(this IEndpointRouteBuilder app) => app
        .MapGet("/api/v1/system", HandleAsync)
        .RequireAuthorization(LocalDeveloper.Policy)
        .WithTags("System");

    /// <summary>
    /// Hosts enrol with Scheduler and are found by the address that they give there; only where everything runs on one machine does discovery
    /// know one.
    /// </summary>
    private static IReadOnlyList<string> Others(IConfiguration configuration)
    {
        IReadOnlyList<string> others = [ServiceNames.Webhooks, ServiceNames.Scheduler, ServiceNames.Sessions];
        return configuration.GetSection($"Services:{ServiceNames.Wsl2Host}").Exists() ? [.. others, ServiceNames.Wsl2Host] : others;
    }

    /// <summary>Always 200: a service that is down is what the answer tells, not a failure of the question.</summary>
    private static async Task<Ok<SystemStatus>> HandleAsync(SystemStatusReader system, CancellationToken cancellationToken) =>
        TypedResults.Ok(await system.ReadAsync(cancellationToken));
}
