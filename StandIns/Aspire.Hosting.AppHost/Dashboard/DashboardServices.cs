using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Dashboard;

/// <summary>The dashboard of a running application.</summary>
internal static class DashboardServices
{
    /// <summary>Adds the dashboard, and the <see cref="DashboardEndpoints"/> that resources take their telemetry's address from.</summary>
    public static IServiceCollection AddDashboard(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(static provider => new DashboardEndpoints(
            provider.GetRequiredService<IConfiguration>(),
            provider.GetRequiredService<IOptions<DistributedApplicationOptions>>().Value.DisableDashboard));
        services.AddSingleton<OtlpVariables>();
        services.AddSingleton<AppHostSource>();
        services.AddHostedService<DashboardRunner>();
        return services;
    }
}
