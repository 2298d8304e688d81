using System.Globalization;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults;
using AgentPlatform.ServiceDefaults.Configuration;
using AgentPlatform.ServiceDefaults.Failpoints;
using AgentPlatform.ServiceDefaults.Health;
using AgentPlatform.ServiceDefaults.Hosting;
using AgentPlatform.ServiceDefaults.Identity.Tokens;
using AgentPlatform.ServiceDefaults.Problems;
using AgentPlatform.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service of the platform has in common.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>
    /// Adds telemetry, health, discovery, resilience, service tokens, problem details, limits and an orderly stop. It comes first: what
    /// follows may read connection strings that are put together here.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="service">Its name, see <see cref="ServiceNames"/>.</param>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, string service)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ConnectionStrings.Compose(builder.Configuration, service);
        builder.AddTelemetry(builder.Services.AddServiceInfo(service));
        builder.AddManagementPort();
        builder.AddFailpoints();
        builder.AddServerLimits();
        builder.AddForwardedHeaders();
        builder.AddOrderlyStop();
        builder.AddDefaultHealthChecks();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<StatusReader>();
        builder.Services.AddServiceDiscovery();
        builder.Services.AddHttpClientDefaults();
        builder.Services.AddServiceTokens();
        builder.AddRunTraces();
        builder.Services.AddProblems();
        return builder;
    }

    /// <summary>
    /// Maps what every service answers: <c>/</c>, <c>/health</c> and <c>/alive</c>, and, where service tokens are asked for,
    /// <c>/internal/status</c> and <c>/.well-known/service-keys</c>. It comes before other middleware.
    /// </summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseProblems();
        app.UseManagementPort();
        app.MapServiceInfo();
        app.MapHealthEndpoints();
        if (app.Services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(ServiceTokenVerifier)))
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapServiceKeys();
            app.MapStatus();
        }

        return app;
    }

    private static void AddOrderlyStop(this WebApplicationBuilder builder)
    {
        var development = builder.Environment.IsDevelopment();
        builder.Services.AddOptionsWithValidateOnStart<ManagementOptions, ManagementOptionsValidator>();
        builder.Services.AddOptionsWithValidateOnStart<ShutdownOptions, ShutdownOptionsValidator>()
            .Configure(options => options.NoticeDelay = development ? TimeSpan.Zero : TimeSpan.FromSeconds(3))
            .BindConfiguration(ShutdownOptions.Section);

        // The host asks for its options while it is built, before a setting that is not valid could be reported.
        builder.Services.AddOptions<HostOptions>().Configure<IConfiguration>((host, configuration) => host.ShutdownTimeout =
            TimeSpan.TryParse(configuration[$"{ShutdownOptions.Section}:{nameof(ShutdownOptions.DrainTimeout)}"], CultureInfo.InvariantCulture, out var limit)
                ? limit
                : new ShutdownOptions().DrainTimeout);
        builder.Services.AddHostedService(services => services.GetRequiredService<DrainState>());
        builder.Services.AddHostedService<StartupTrim>();
    }
}
