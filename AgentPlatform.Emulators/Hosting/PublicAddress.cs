using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.Hosting;

/// <summary>The base URL by which others reach this process: as configured, or what the server listens on.</summary>
internal sealed class PublicAddress(IOptions<EmulatorsOptions> options, IServer server)
{
    private string? _value;

    /// <summary>Without a slash at the end. Known only once the server has started.</summary>
    public string Value => _value ??= Find();

    private string Find()
    {
        if (options.Value.PublicUrl is { Length: > 0 } configured)
        {
            return configured.TrimEnd('/');
        }

        var listened = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()
            ?? throw new InvalidOperationException(
                "The address is known only after the server has started; set Emulators:PublicUrl to fix it.");
        var address = BindingAddress.Parse(listened);
        var host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : address.Host;
        return $"{address.Scheme}://{host}:{address.Port}";
    }
}
