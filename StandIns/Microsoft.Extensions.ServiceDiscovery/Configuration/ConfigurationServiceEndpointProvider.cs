using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.ServiceDiscovery.Configuration;

/// <summary>Reads <c>Services:{service}:{endpoint}</c>: one address, or a list of them.</summary>
internal sealed class ConfigurationServiceEndpointProvider(
    ServiceEndpointQuery query,
    IConfiguration configuration,
    ConfigurationServiceEndpointProviderOptions options,
    ServiceDiscoveryOptions discovery) : IServiceEndpointProvider, IHostNameFeature
{
    private const string DefaultEndpoint = "default";
    private readonly IReadOnlyList<string> _schemes = discovery.ApplyAllowedSchemes(query.IncludedSchemes);
    private readonly bool _anyScheme = discovery.AllowAllSchemes && query.IncludedSchemes.Count == 0;

    public string HostName => query.ServiceName;

    public ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
    {
        if (endpoints.Endpoints.Count > 0)
        {
            return ValueTask.CompletedTask;
        }

        endpoints.AddChangeToken(configuration.GetReloadToken());
        var service = configuration.GetSection(options.SectionName).GetSection(query.ServiceName);
        if (FindEndpointSection(service) is { } section)
        {
            foreach (var endpoint in OfBestScheme([.. ReadEndpoints(section)]))
            {
                endpoints.Endpoints.Add(endpoint);
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // Without a name, the endpoint is the one called "default", else the first that is called as one of the schemes.
    private IConfigurationSection? FindEndpointSection(IConfigurationSection service)
    {
        IEnumerable<string> names = query.EndpointName is { } name ? [name] : [DefaultEndpoint, .. _schemes];
        return names.Select(service.GetSection).FirstOrDefault(section => section.Exists());
    }

    private IEnumerable<ServiceEndpoint> ReadEndpoints(IConfigurationSection section) => string.IsNullOrWhiteSpace(section.Value)
        ? section.GetChildren().Select(child => int.TryParse(child.Key, out _)
            ? ReadEndpoint(child)
            : throw new KeyNotFoundException($"'{section.Path}' must be an address or a numbered list of addresses, but it has the key '{child.Key}'."))
        : [ReadEndpoint(section)];

    private ServiceEndpoint ReadEndpoint(IConfigurationSection section)
    {
        if (EndpointText.Parse(section.Value) is not { } address)
        {
            throw new KeyNotFoundException($"'{section.Path}' is not an address: expected [scheme://]host[:port][/path].");
        }

        var endpoint = ServiceEndpoint.Create(address);
        endpoint.Features.Set<IServiceEndpointProvider>(this);
        if (options.ShouldApplyHostNameMetadata(endpoint))
        {
            endpoint.Features.Set<IHostNameFeature>(this);
        }

        return endpoint;
    }

    // Of several requested schemes the best one that any address has; an address without a scheme fits each.
    private IEnumerable<ServiceEndpoint> OfBestScheme(List<ServiceEndpoint> endpoints)
    {
        if (_anyScheme)
        {
            return endpoints;
        }

        var best = _schemes.FirstOrDefault(scheme => endpoints.Any(endpoint => SchemeOf(endpoint) == scheme));
        return endpoints.Where(endpoint => SchemeOf(endpoint) is not { } scheme || scheme == best);
    }

    private static string? SchemeOf(ServiceEndpoint endpoint) => (endpoint.EndPoint as UriEndPoint)?.Uri.Scheme;
}
