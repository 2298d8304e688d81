using System.Net;

namespace Microsoft.Extensions.ServiceDiscovery.Http;

/// <summary>Puts the endpoint of a service in the place of its name in an address.</summary>
internal static class EndpointAddress
{
    public static Uri Apply(Uri address, EndPoint endpoint, ServiceDiscoveryOptions options) => endpoint switch
    {
        UriEndPoint { Uri: var target } => Apply(address, target),
        IPEndPoint ip => Apply(address, ip.Address.ToString(), ip.Port, options),
        DnsEndPoint dns => Apply(address, dns.Host, dns.Port, options),
        _ => throw new InvalidOperationException($"Endpoints of type {endpoint.GetType()} are not supported."),
    };

    // The endpoint's path, where it has one, comes before the request's.
    private static Uri Apply(Uri address, Uri target)
    {
        var result = new UriBuilder(address) { Scheme = target.Scheme, Host = target.Host, Port = target.Port > 0 ? target.Port : address.Port };
        if (target.AbsolutePath.Length > 1)
        {
            result.Path = $"{target.AbsolutePath.TrimEnd('/')}/{address.AbsolutePath.TrimStart('/')}";
        }

        return result.Uri;
    }

    private static Uri Apply(Uri address, string host, int port, ServiceDiscoveryOptions options)
    {
        var scheme = address.Scheme;
        if (scheme.Contains('+', StringComparison.Ordinal))
        {
            scheme = scheme.Split('+')[0];
            if (!options.AllowAllSchemes && !options.AllowedSchemes.Contains(scheme, StringComparer.OrdinalIgnoreCase))
            {
                throw new InvalidOperationException($"The scheme '{scheme}' is not allowed.");
            }
        }

        // A compound scheme has no default port, so "unset" must be passed on as such.
        return new UriBuilder(address) { Scheme = scheme, Host = host, Port = port > 0 ? port : address.IsDefaultPort ? -1 : address.Port }.Uri;
    }
}
