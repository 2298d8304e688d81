using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AgentPlatform.ServiceDefaults.Hosting;

/// <summary>
/// Behind a proxy the environment turns forwarded headers on (<c>ASPNETCORE_FORWARDEDHEADERS_ENABLED</c>) and trusts every sender, which is
/// right only where nobody else can reach the port. <c>ForwardedHeaders:KnownNetworks</c>, a comma-separated list such as
/// <c>10.0.0.0/8</c>, narrows that to the proxies' own networks.
/// </summary>
internal static class ForwardedHeaders
{
    private const string Key = "ForwardedHeaders:KnownNetworks";

    public static void AddForwardedHeaders(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ForwardedHeadersOptions>()
            .Configure<IConfiguration>((options, configuration) =>
            {
                options.ForwardLimit = 1;
                foreach (var network in Networks(configuration))
                {
                    if (System.Net.IPNetwork.TryParse(network, out var known))
                    {
                        options.KnownIPNetworks.Add(known);
                    }
                }
            })
            .Validate<IConfiguration>(
                (options, configuration) => Array.TrueForAll(Networks(configuration), network => System.Net.IPNetwork.TryParse(network, out _)),
                $"{Key} must be a comma-separated list of networks such as 10.0.0.0/8.")
            .ValidateOnStart();
    }

    private static string[] Networks(IConfiguration configuration) =>
        (configuration[Key] ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
