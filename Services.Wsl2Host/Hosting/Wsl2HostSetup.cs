using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;
using Services.Wsl2Host.Commands;
using Services.Wsl2Host.Doors;
using Services.Wsl2Host.Doors.Models;
using Services.Wsl2Host.Doors.Registries;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Drivers.Linux;
using Services.Wsl2Host.Drivers.Scripted;
using Services.Wsl2Host.Enrolment;
using Services.Wsl2Host.Instances;
using Services.Wsl2Host.Recovery;
using Services.Wsl2Host.Status;
using Services.Wsl2Host.Workspaces;
using Services.Wsl2Host.Workspaces.Git;

namespace Services.Wsl2Host.Hosting;

/// <summary>Puts the host together.</summary>
internal static class Wsl2HostSetup
{
    public static void AddWsl2Host(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        SeedNames.Translate(builder.Configuration);
        services.AddOptionsWithValidateOnStart<Wsl2HostOptions, Wsl2HostOptionsValidator>().BindConfiguration(Wsl2HostOptions.Section);
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, HostsJsonContext.Default));
        services.AddSingleton(provider => new HostDirectories(provider.GetRequiredService<IOptions<Wsl2HostOptions>>().Value));
        services.AddDrivers();
        services.AddSingleton<EndedInstances>();
        services.AddSingleton<InstanceKeeper>();
        services.AddSingleton<InstanceViews>();
        services.AddSingleton<CommandRunner>();
        services.AddSingleton<Mirrors>();
        services.AddSingleton<Checkouts>();
        services.AddSingleton<WorkspaceMaker>();
        services.AddDoors();
        services.AddSingleton<HostIdentity>();
        services.AddSingleton<HostStatusReader>();

        // In this order: nothing answers and nobody is told before what was here has been taken up again.
        services.AddHostedService(provider => provider.GetRequiredService<DoorServer>());
        services.AddHostedService<HostLifetime>();
        services.AddHostedService<LeaseLoop>();
        services.AddHostedService<ReapLoop>();
        services.AddHostedService<EvictionLoop>();
        services.AddHostedService<EnrolmentLoop>();
    }

    public static void MapWsl2Host(this IEndpointRouteBuilder routes)
    {
        routes.MapHostStatus();
        var instances = routes.MapInstances();
        instances.MapCommands();
        instances.MapNetwork();
        instances.MapWorkspaces();
    }

    /// <summary>Drivers are chosen by name; another kind of machine adds its own here.</summary>
    private static void AddDrivers(this IServiceCollection services)
    {
        services.AddKeyedSingleton<IInstanceDriver, LinuxDriver>("linux");
        services.AddKeyedSingleton<IInstanceDriver, ScriptedDriver>("scripted");
        services.AddSingleton(provider => provider.GetRequiredKeyedService<IInstanceDriver>(provider.GetRequiredService<IOptions<Wsl2HostOptions>>().Value.Driver));
    }

    private static void AddDoors(this IServiceCollection services)
    {
        services.AddSingleton<IAddressResolver, SystemAddressResolver>();
        services.AddSingleton<RegistryProxy>();
        services.AddSingleton<ModelTokens>();
        services.AddSingleton<ModelDoor>();
        services.AddSingleton<DoorServer>();
        services.AddSingleton<IInstanceDoors, InstanceDoors>();
        services.AddLongLivedHttpClient(ModelDoor.Client)
            .ConfigureHttpClient(client => client.BaseAddress = new Uri($"http://{ServiceNames.Sessions}"))
            .AddServiceToken(ServiceNames.Sessions, Scopes.ModelsUse);
        services.AddServiceHttpClient(ServiceNames.Scheduler, Scopes.HostsEnrol);
    }
}
