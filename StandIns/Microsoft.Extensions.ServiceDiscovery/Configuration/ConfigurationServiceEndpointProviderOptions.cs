namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Options of the provider that reads endpoints from configuration.</summary>
public sealed class ConfigurationServiceEndpointProviderOptions
{
    /// <summary>The section of all services. Default: "Services".</summary>
    public string SectionName { get; set; } = "Services";

    /// <summary>Whether requests to an endpoint carry the service's name as their Host header. Default: never.</summary>
    public Func<ServiceEndpoint, bool> ShouldApplyHostNameMetadata { get; set; } = static _ => false;
}

/// <summary>The name that requests to an endpoint carry as their Host header.</summary>
internal interface IHostNameFeature
{
    string HostName { get; }
}
