using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running.Health;
using Aspire.Hosting.Running.Logs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Running;

/// <summary>What runs the resources on this machine.</summary>
internal static class RunningServices
{
    /// <summary>Adds everything that a run needs to the app host's services.</summary>
    /// <param name="services">Services of the app host.</param>
    /// <param name="builder">The application that will be run; its model is complete.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddRunning(this IServiceCollection services, IDistributedApplicationBuilder builder)
    {
        services.AddHealthChecks();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(builder);
        services.AddSingleton<ConsoleForwarder>();
        services.AddSingleton(provider => new ResourceLoggerService(
            provider.GetRequiredService<DistributedApplicationModel>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ConsoleForwarder>()));
        services.AddSingleton(provider => new ResourceNotificationService(
            provider.GetRequiredService<IOptions<DistributedApplicationOptions>>().Value.DisableDashboard
                ? WaitBehavior.StopOnResourceUnavailable
                : WaitBehavior.WaitOnResourceUnavailable));
        services.AddSingleton<HealthChecker>();
        services.AddSingleton<Orchestrator>();
        services.AddSingleton(provider => new ResourceCommandService(provider.GetRequiredService<Orchestrator>()));
        services.AddHostedService(provider => provider.GetRequiredService<Orchestrator>());
        return services;
    }
}
