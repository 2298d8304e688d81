using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.HostCalls;
using AgentPlatform.ServiceDefaults.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Calls to host machines.</summary>
public static class HostCallsExtensions
{
    /// <summary>Adds <see cref="HostClients"/>. Every call carries a service token for hosts.</summary>
    /// <param name="builder">The service.</param>
    public static void AddHostCalls(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddLongLivedHttpClient(HostClient.ClientName).AddServiceToken(ServiceNames.Wsl2Host, Scopes.InstancesWrite, Scopes.HostsRead);
        builder.Services.AddSingleton<HostClients>();
    }
}
