using System.Collections.ObjectModel;
using System.Globalization;
using System.Net;

namespace StackExchange.Redis;

/// <summary>The addresses of a server, tried in turn.</summary>
public sealed class EndPointCollection : Collection<EndPoint>
{
    private const int DefaultPort = 6379;

    /// <summary>Makes an empty collection.</summary>
    public EndPointCollection()
    {
    }

    /// <summary>Makes a collection of addresses.</summary>
    /// <param name="endpoints">The addresses.</param>
    public EndPointCollection(IList<EndPoint> endpoints)
        : base(endpoints)
    {
    }

    /// <summary>Adds an address.</summary>
    /// <param name="hostAndPort">host, or host:port.</param>
    public void Add(string hostAndPort) =>
        Add(TryParse(hostAndPort) ?? throw new ArgumentException($"'{hostAndPort}' is not an address: expected host[:port].", nameof(hostAndPort)));

    /// <summary>Adds an address.</summary>
    /// <param name="host">The host, by name or number.</param>
    /// <param name="port">The port.</param>
    public void Add(string host, int port) => Add(Of(host, port));

    /// <summary>Adds an address.</summary>
    /// <param name="host">The host.</param>
    /// <param name="port">The port.</param>
    public void Add(IPAddress host, int port) => Add(new IPEndPoint(host, port));

    internal static EndPoint? TryParse(string hostAndPort)
    {
        if (hostAndPort.StartsWith('[') || hostAndPort.IndexOf(':') == hostAndPort.LastIndexOf(':'))
        {
            var colon = hostAndPort.LastIndexOf(':');
            if (colon > hostAndPort.LastIndexOf(']'))
            {
                return colon > 0 && int.TryParse(hostAndPort.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535
                    ? Of(hostAndPort[..colon].Trim('[', ']'), port)
                    : null;
            }
        }

        return hostAndPort.Length > 0 ? Of(hostAndPort.Trim('[', ']'), DefaultPort) : null;
    }

    internal static string Format(EndPoint? endPoint) => endPoint switch
    {
        DnsEndPoint dns => $"{dns.Host}:{dns.Port}",
        _ => endPoint?.ToString() ?? "",
    };

    private static EndPoint Of(string host, int port) => IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, port) : new DnsEndPoint(host, port);
}
