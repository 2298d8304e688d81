using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentPlatform.ServiceDefaults.Hosting;

/// <summary>Where probes are answered.</summary>
public sealed class ManagementOptions
{
    /// <summary>Where the settings are found.</summary>
    public const string Section = "Management";

    /// <summary>
    /// The port, or 0 for one that the system chooses. Default: 8081; in Development none, because there many services share a machine
    /// and answer probes on their own ports.
    /// </summary>
    public int? Port { get; set; }

    /// <summary>The IP address to listen on, or <c>*</c> for all. Default: all, because a probe comes from outside the container.</summary>
    public string Address { get; set; } = "*";

    private const int DefaultPort = 8081;

    /// <summary>Reads them while the service is under construction, when there is no container to ask.</summary>
    internal static ManagementOptions Of(IConfiguration configuration, IHostEnvironment environment)
    {
        var section = configuration.GetSection(Section);
        var port = int.TryParse(section[nameof(Port)], NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given <= IPEndPoint.MaxPort
            ? given
            : environment.IsDevelopment() ? (int?)null : DefaultPort;
        return new ManagementOptions { Port = port, Address = section[nameof(Address)] ?? "*" };
    }
}

internal sealed class ManagementOptionsValidator(IConfiguration configuration) : IValidateOptions<ManagementOptions>
{
    /// <summary>Looks at the texts themselves: one that is no number never becomes an option.</summary>
    public ValidateOptionsResult Validate(string? name, ManagementOptions options)
    {
        var section = configuration.GetSection(ManagementOptions.Section);
        if (section[nameof(options.Port)] is { Length: > 0 } port
            && (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > IPEndPoint.MaxPort))
        {
            return ValidateOptionsResult.Fail("Management:Port must be a port number, 0 to 65535.");
        }

        return section[nameof(options.Address)] is not { } address || address == "*" || IPAddress.TryParse(address.Trim('[', ']'), out _)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("Management:Address must be an IP address, in brackets for IPv6, or * for all.");
    }
}
