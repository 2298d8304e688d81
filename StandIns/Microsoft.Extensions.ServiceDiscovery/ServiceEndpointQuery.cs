using System.Diagnostics.CodeAnalysis;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>What is looked for: a service, by the schemes that the caller accepts, at one of its endpoints.</summary>
public sealed class ServiceEndpointQuery
{
    private readonly string _text;

    private ServiceEndpointQuery(string text, string[] schemes, string serviceName, string? endpointName)
    {
        _text = text;
        IncludedSchemes = schemes;
        ServiceName = serviceName;
        EndpointName = endpointName;
    }

    /// <summary>The schemes that the caller accepts, best first; empty where none was named.</summary>
    public IReadOnlyList<string> IncludedSchemes { get; }

    /// <summary>The endpoint's name, or null for the service's ordinary one.</summary>
    public string? EndpointName { get; }

    /// <summary>The service's name.</summary>
    public string ServiceName { get; }

    /// <summary>Reads <c>[scheme[+scheme…]://][_endpoint.]service[:port]</c>.</summary>
    /// <param name="input">The text.</param>
    /// <param name="query">What it asks for.</param>
    public static bool TryParse(string input, [NotNullWhen(true)] out ServiceEndpointQuery? query)
    {
        ArgumentNullException.ThrowIfNull(input);
        query = null;
        var hasScheme = input.Contains("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(hasScheme ? input : $"none://{input}", UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            return false;
        }

        var (endpointName, serviceName) = SplitHost(uri.Host);
        query = new ServiceEndpointQuery(input, hasScheme ? uri.Scheme.Split('+') : [], serviceName, endpointName);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => _text;

    /// <summary>Takes <c>_endpoint.service</c> apart; a host of another form is all service.</summary>
    internal static (string? EndpointName, string ServiceName) SplitHost(string host)
    {
        var dot = host.IndexOf('.', StringComparison.Ordinal);
        return host[0] == '_' && dot > 1 && !host.EndsWith('.') ? (host[1..dot], host[(dot + 1)..]) : (null, host);
    }
}
