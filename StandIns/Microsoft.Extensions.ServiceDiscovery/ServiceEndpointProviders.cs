using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Collects what providers know about one service.</summary>
public interface IServiceEndpointBuilder
{
    /// <summary>The endpoints found so far, also by providers asked before.</summary>
    IList<ServiceEndpoint> Endpoints { get; }

    /// <summary>What is known about them besides.</summary>
    IFeatureCollection Features { get; }

    /// <summary>Adds a token that tells when the answer is out of date.</summary>
    /// <param name="changeToken">The token.</param>
    void AddChangeToken(IChangeToken changeToken);
}

/// <summary>Knows endpoints of one service.</summary>
public interface IServiceEndpointProvider : IAsyncDisposable
{
    /// <summary>Adds what it knows.</summary>
    /// <param name="endpoints">Where to add it.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken);
}

/// <summary>Makes providers. Factories are asked in the order of their registration; each may add to, or leave alone, what was found before.</summary>
public interface IServiceEndpointProviderFactory
{
    /// <summary>Makes a provider for a service, or tells that it is none of its business.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="provider">The provider.</param>
    bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider);
}
