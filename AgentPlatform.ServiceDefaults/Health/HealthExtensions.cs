using AgentPlatform.ServiceDefaults.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace AgentPlatform.ServiceDefaults.Health;

/// <summary>
/// Readiness at <c>/health</c> (every check) and liveness at <c>/alive</c> (checks tagged <c>live</c>): in every environment on the
/// management port, and in Development, where Aspire asks for them there, on the service's own port as well.
/// </summary>
internal static class HealthExtensions
{
    private const string Ready = "/health";
    private const string Alive = "/alive";
    private const string LiveTag = "live";

    public static void AddDefaultHealthChecks(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DrainState>();
        builder.Services.AddHealthChecks()
            .AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag])
            .AddCheck<DrainState>("accepting");
    }

    public static void MapHealthEndpoints(this WebApplication app)
    {
        app.MapHealthChecks(Ready).AllowAnonymous();
        app.MapHealthChecks(Alive, new HealthCheckOptions { Predicate = check => check.Tags.Contains(LiveTag) }).AllowAnonymous();
    }

    public static bool IsProbe(PathString path) => path == Ready || path == Alive;
}
