using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using AgentPlatform.Tests.Provisioning;
using AgentPlatform.Tests.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Services.Gateway.Storage;
using Services.Scheduler.Storage;
using Services.Sessions.Storage;
using Services.Webhooks.Storage;

namespace AgentPlatform.Tests.Services;

/// <summary>Services on a provisioned Postgres and Redis, each as its own role and user.</summary>
internal static class ServiceStorage
{
    /// <summary>Starts the service defaults with the service's storage, as its program does.</summary>
    public static Task<TestService> StartAsync(
        Provisioned provisioned, string service, Action<WebApplicationBuilder>? build = null, Action<WebApplication>? map = null, params (string, string)[] settings) =>
        TestService.StartAsync(
            builder =>
            {
                builder.AddServiceAuthentication(service);
                AddDatabase(builder, service);
                builder.AddServiceRedis();
                build?.Invoke(builder);
            },
            map, service, settings: [.. SettingsOf(provisioned, service), .. settings]);

    /// <summary>What the app host gives a service.</summary>
    public static (string, string)[] SettingsOf(Provisioned provisioned, string service) =>
    [
        ("Postgres:Endpoint", $"tcp://127.0.0.1:{provisioned.Postgres.Port}"),
        ("Postgres:Password", Provisioned.PasswordOf(service)),
        ("Redis:Endpoint", $"127.0.0.1:{provisioned.Redis.Port}"),
        ("Redis:Password", Provisioned.PasswordOf(service)),
    ];

    /// <summary>A context that is never connected, to look at its model.</summary>
    public static ServiceDbContext Model(string service) => service switch
    {
        ServiceNames.Webhooks => new WebhooksDbContext(Options<WebhooksDbContext>()),
        ServiceNames.Scheduler => new SchedulerDbContext(Options<SchedulerDbContext>()),
        ServiceNames.Sessions => new SessionsDbContext(Options<SessionsDbContext>()),
        _ => new GatewayDbContext(Options<GatewayDbContext>()),
    };

    private static void AddDatabase(WebApplicationBuilder builder, string service) => _ = service switch
    {
        ServiceNames.Webhooks => builder.AddServiceDatabase<WebhooksDbContext>(service),
        ServiceNames.Scheduler => builder.AddServiceDatabase<SchedulerDbContext>(service),
        ServiceNames.Sessions => builder.AddServiceDatabase<SessionsDbContext>(service),
        _ => builder.AddServiceDatabase<GatewayDbContext>(service),
    };

    private static DbContextOptions<TContext> Options<TContext>()
        where TContext : DbContext => new DbContextOptionsBuilder<TContext>().UseNpgsql("Host=never-connected").Options;
}
