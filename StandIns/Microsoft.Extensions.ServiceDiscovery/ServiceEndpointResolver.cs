using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Finds the endpoints of services, and remembers them until a provider tells of a change or the refresh period is over.</summary>
public sealed class ServiceEndpointResolver : IAsyncDisposable
{
    /// <summary>How many services are remembered; more are resolved anew each time, so that made-up names cannot fill the memory.</summary>
    internal const int ServicesMax = 1024;

    private readonly ConcurrentDictionary<string, ResolvedService> _services = new(StringComparer.OrdinalIgnoreCase);
    private readonly IServiceEndpointProviderFactory[] _factories;
    private readonly ServiceDiscoveryOptions _options;
    private readonly TimeProvider _time;
    private bool _disposed;

    internal ServiceEndpointResolver(
        IEnumerable<IServiceEndpointProviderFactory> factories, IOptions<ServiceDiscoveryOptions> options, TimeProvider time)
    {
        _factories = [.. factories];
        _options = options.Value;
        _time = time;
    }

    /// <summary>Finds the endpoints of a service.</summary>
    /// <param name="serviceName">The service as <c>[scheme[+scheme…]://][_endpoint.]service</c>.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="InvalidOperationException">The text is no service, or nobody answers for it.</exception>
    public async ValueTask<ServiceEndpointSource> GetEndpointsAsync(string serviceName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(serviceName);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_services.TryGetValue(serviceName, out var known))
        {
            return await known.GetAsync(cancellationToken).ConfigureAwait(false);
        }

        var service = new ResolvedService(ProvidersFor(serviceName), _options.RefreshPeriod, _time);
        if (_services.Count < ServicesMax)
        {
            service = _services.GetOrAdd(serviceName, service);
        }

        return await service.GetAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets all services.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        foreach (var service in _services.Values)
        {
            await service.DisposeAsync().ConfigureAwait(false);
        }

        _services.Clear();
    }

    private List<IServiceEndpointProvider> ProvidersFor(string serviceName)
    {
        if (!ServiceEndpointQuery.TryParse(serviceName, out var query))
        {
            throw new InvalidOperationException($"'{serviceName}' is not the name of a service: expected [scheme://][_endpoint.]service.");
        }

        List<IServiceEndpointProvider> providers = [];
        foreach (var factory in _factories)
        {
            if (factory.TryCreateProvider(query, out var provider))
            {
                providers.Add(provider);
            }
        }

        return providers.Count > 0
            ? providers
            : throw new InvalidOperationException($"No provider which supports the provided service name, '{serviceName}', has been configured.");
    }
}
