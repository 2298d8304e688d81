using System.Reflection;
using AgentPlatform.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentPlatform.ServiceDefaults;

/// <summary>The service's name and version: known to its own parts, and answered at <c>/</c>.</summary>
internal static class ServiceInfoEndpoint
{
    public static ServiceInfo AddServiceInfo(this IServiceCollection services, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var version = Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        var info = new ServiceInfo(name, version ?? "0.0.0");
        services.AddSingleton(info);
        return info;
    }

    public static void MapServiceInfo(this IEndpointRouteBuilder app) => app
        .MapGet("/", (ServiceInfo info) => TypedResults.Ok(info))
        .AllowAnonymous()
        .ExcludeFromDescription();
}
