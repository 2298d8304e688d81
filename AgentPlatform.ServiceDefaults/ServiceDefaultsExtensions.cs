using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults;
using AgentPlatform.ServiceDefaults.Health;
using Microsoft.AspNetCore.Builder;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service of the platform has in common.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Adds it all to a service under construction.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="service">Its name, see <see cref="ServiceNames"/>.</param>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, string service)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddServiceInfo(service);
        builder.AddDefaultHealthChecks();
        return builder;
    }

    /// <summary>Maps what every service answers: <c>/</c>, <c>/health</c> and <c>/alive</c>.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.MapServiceInfo();
        app.MapHealthEndpoints();
        return app;
    }
}
