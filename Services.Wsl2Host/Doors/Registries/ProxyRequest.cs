using System.Text;

namespace Services.Wsl2Host.Doors.Registries;

/// <summary>What an instance asked of the registry door.</summary>
/// <param name="Tunnel">Whether it wants bytes carried both ways (CONNECT), or a single read over plain HTTP.</param>
/// <param name="Host">The registry.</param>
/// <param name="Port">Its port.</param>
/// <param name="Forwarded">For a read, the request as it goes on.</param>
internal sealed record ProxyRequest(bool Tunnel, string Host, int Port, byte[] Forwarded)
{
    public const int HeadBytesMax = 16 * 1024;

    private static readonly string[] NotForwarded =
        ["host", "connection", "proxy-connection", "proxy-authorization", "keep-alive", "te", "trailer", "upgrade", "via"];

    /// <summary>Reads the head of a request.</summary>
    /// <param name="head">Everything up to the empty line.</param>
    /// <param name="refusal">Why it is refused.</param>
    /// <returns>Null if it is refused.</returns>
    public static ProxyRequest? Read(ReadOnlySpan<byte> head, out string refusal)
    {
        refusal = "this is not a request for a proxy";
        var lines = Encoding.Latin1.GetString(head).Split("\r\n");
        if (lines[0].Split(' ') is not [var method, var target, "HTTP/1.1" or "HTTP/1.0"])
        {
            return null;
        }

        if (method == "CONNECT")
        {
            refusal = "the target of CONNECT must be a host name and port 443";
            return RegistryRules.TrySplit(target, 443, out var host, out var port) && port == 443 ? new ProxyRequest(true, host, port, []) : null;
        }

        if (method is not ("GET" or "HEAD"))
        {
            refusal = "over plain HTTP only GET and HEAD are allowed";
            return null;
        }

        return ReadPlain(method, target, lines[1..], ref refusal);
    }

    private static ProxyRequest? ReadPlain(string method, string target, string[] headers, ref string refusal)
    {
        const string Scheme = "http://";
        if (!target.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || target.AsSpan().ContainsAny('\t', '\r', '\n'))
        {
            return null;
        }

        var slash = target.IndexOfAny(['/', '?'], Scheme.Length);
        var authority = slash < 0 ? target[Scheme.Length..] : target[Scheme.Length..slash];
        var path = slash < 0 ? "/" : target[slash] == '?' ? $"/{target[slash..]}" : target[slash..];
        if (!RegistryRules.TrySplit(authority, 80, out var host, out var port))
        {
            return null;
        }

        var forwarded = new StringBuilder($"{method} {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n");
        foreach (var header in headers.Where(header => header.Length > 0))
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            var name = colon > 0 ? header[..colon].ToLowerInvariant() : "";
            if (name.Length == 0 || name.AsSpan().ContainsAny(' ', '\t'))
            {
                return null;
            }

            if (name is "content-length" or "transfer-encoding")
            {
                refusal = "a read has no body";
                return null;
            }

            if (!NotForwarded.Contains(name))
            {
                forwarded.Append(header).Append("\r\n");
            }
        }

        return new ProxyRequest(false, host, port, Encoding.Latin1.GetBytes(forwarded.Append("\r\n").ToString()));
    }
}
