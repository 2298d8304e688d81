using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Services.Wsl2Host.Drivers;

namespace Services.Wsl2Host.Doors.Registries;

/// <summary>Which registries an instance may reach: host names, exact or all below one (<c>*.example.org</c>), and never an address.</summary>
internal sealed partial class RegistryRules
{
    /// <summary>More than this is a mistake, not a policy.</summary>
    private const int HostsMax = 200;

    private readonly HashSet<string> _exact = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _suffixes = [];

    /// <summary>Reads the list.</summary>
    /// <exception cref="HostRefusal">An entry is not a host name.</exception>
    public RegistryRules(IReadOnlyList<string> allowedHosts)
    {
        if (allowedHosts.Count > HostsMax)
        {
            throw HostRefusal.Invalid($"allowedHosts may name {HostsMax} hosts.");
        }

        foreach (var host in allowedHosts)
        {
            var name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
            if (!IsName(name) || !name.Contains('.', StringComparison.Ordinal))
            {
                throw HostRefusal.Invalid("allowedHosts must be host names with a dot, such as api.nuget.org or *.pkg.dev; addresses are not allowed.");
            }

            if (host.Length != name.Length)
            {
                _suffixes.Add($".{name}");
            }
            else
            {
                _exact.Add(name);
            }
        }
    }

    /// <summary>Whether a host may be reached.</summary>
    public bool Allows(string host) =>
        IsName(host) && (_exact.Contains(host) || _suffixes.Exists(suffix => host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)));

    /// <summary>A host name. What any program could take for an address is none: a last label of digits only, or one that begins with 0x.</summary>
    public static bool IsName(string text) => text.Length <= 253 && Name().IsMatch(text) && !AddressLike().IsMatch(text) && !IPAddress.TryParse(text, out _);

    /// <summary>Splits <c>host:port</c>.</summary>
    public static bool TrySplit(string authority, int defaultPort, out string host, out int port)
    {
        var colon = authority.LastIndexOf(':');
        host = colon < 0 ? authority : authority[..colon];
        port = defaultPort;
        return IsName(host) && (colon < 0 || (int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and < 65536));
    }

    [GeneratedRegex(@"^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"(?:^|\.)(?:[0-9]+|0[xX][0-9A-Fa-f]*)\z")]
    private static partial Regex AddressLike();
}
