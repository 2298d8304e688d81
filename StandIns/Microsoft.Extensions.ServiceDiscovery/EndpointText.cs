using System.Net;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Reads addresses: <c>10.0.0.1:80</c>, <c>host:80</c>, <c>https://host:443/base</c>.</summary>
internal static class EndpointText
{
    /// <summary>The address, with port 0 where none is named; null where the text is none.</summary>
    public static EndPoint? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (text.Contains("://", StringComparison.Ordinal))
        {
            return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? new UriEndPoint(uri) : null;
        }

        return Uri.TryCreate($"none://{text}", UriKind.Absolute, out var authority) && authority.Host.Length > 0
            ? OfHost(authority.Host, authority.Port)
            : null;
    }

    /// <summary>The address of a host by name or by number.</summary>
    public static EndPoint OfHost(string host, int port) =>
        IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, Math.Max(port, 0)) : new DnsEndPoint(host, Math.Max(port, 0));
}
