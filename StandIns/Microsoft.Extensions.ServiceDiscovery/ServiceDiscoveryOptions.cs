namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Options of service discovery.</summary>
public sealed class ServiceDiscoveryOptions
{
    /// <summary>Whether an address may name any scheme. Default: true; otherwise those of <see cref="AllowedSchemes"/>.</summary>
    public bool AllowAllSchemes { get; set; } = true;

    /// <summary>How often a provider is asked again that cannot tell of changes. Default: 60 seconds; must be positive.</summary>
    public TimeSpan RefreshPeriod { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The schemes that are allowed where not all are. Default: none.</summary>
    public IList<string> AllowedSchemes { get; set; } = [];

    /// <summary>Keeps of the requested schemes those that are allowed, in their order; without a request, all that are listed as allowed.</summary>
    /// <param name="requestedSchemes">The schemes of an address, best first.</param>
    public IReadOnlyList<string> ApplyAllowedSchemes(IReadOnlyList<string> requestedSchemes)
    {
        ArgumentNullException.ThrowIfNull(requestedSchemes);
        if (requestedSchemes.Count == 0)
        {
            return [.. AllowedSchemes];
        }

        return AllowAllSchemes
            ? requestedSchemes
            : [.. requestedSchemes.Where(scheme => AllowedSchemes.Contains(scheme, StringComparer.OrdinalIgnoreCase))];
    }
}
