using System.Collections.ObjectModel;
using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>The endpoints of a service as they were when it was resolved.</summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class ServiceEndpointSource
{
    /// <summary>Makes a source.</summary>
    /// <param name="endpoints">The endpoints; null for none.</param>
    /// <param name="changeToken">Tells when they are out of date.</param>
    /// <param name="features">What is known about them besides.</param>
    public ServiceEndpointSource(List<ServiceEndpoint>? endpoints, IChangeToken changeToken, IFeatureCollection features)
    {
        ArgumentNullException.ThrowIfNull(changeToken);
        Endpoints = new ReadOnlyCollection<ServiceEndpoint>(endpoints ?? []);
        ChangeToken = changeToken;
        Features = features;
    }

    /// <summary>The endpoints.</summary>
    public IReadOnlyList<ServiceEndpoint> Endpoints { get; }

    /// <summary>Tells when they are out of date.</summary>
    public IChangeToken ChangeToken { get; }

    /// <summary>What is known about them besides.</summary>
    public IFeatureCollection Features { get; }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Endpoints);
}
