using System.Net;
using Microsoft.AspNetCore.Http.Features;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>One address at which a service can be reached.</summary>
public abstract class ServiceEndpoint
{
    /// <summary>The address.</summary>
    public abstract EndPoint EndPoint { get; }

    /// <summary>What is known about it besides.</summary>
    public abstract IFeatureCollection Features { get; }

    /// <summary>Makes an endpoint.</summary>
    /// <param name="endPoint">The address.</param>
    /// <param name="features">What is known about it besides.</param>
    public static ServiceEndpoint Create(EndPoint endPoint, IFeatureCollection? features = null)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return new Simple(endPoint, features ?? new FeatureCollection());
    }

    private sealed class Simple(EndPoint endPoint, IFeatureCollection features) : ServiceEndpoint
    {
        public override EndPoint EndPoint => endPoint;

        public override IFeatureCollection Features => features;

        public override string? ToString() => endPoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endPoint.ToString();
    }
}

/// <summary>An address with a scheme and perhaps a path.</summary>
/// <param name="uri">The address.</param>
public class UriEndPoint(Uri uri) : EndPoint
{
    /// <summary>The address.</summary>
    public Uri Uri { get; } = uri;

    /// <inheritdoc/>
    public override string ToString() => Uri.ToString();
}
