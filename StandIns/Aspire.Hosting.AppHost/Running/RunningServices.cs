using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Running;

/// <summary>What runs the resources on this machine.</summary>
internal static class RunningServices
{
    /// <summary>Adds everything that a run needs to the app host's services.</summary>
    /// <param name="services">Services of the app host.</param>
    /// <param name="builder">The application that will be run; its model is complete.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddRunning(this IServiceCollection services, IDistributedApplicationBuilder builder) => services;
}
