using System.Globalization;
using AgentPlatform.ServiceDefaults.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentPlatform.ServiceDefaults.Hosting;

/// <summary>
/// The internal port for probes. Outside Development a service listens there besides its own addresses; probes are answered there only,
/// and nothing but probes is. The port that a request came in by decides, not its Host header, which the caller writes.
/// </summary>
internal static class ManagementPort
{
    private const string EndpointKey = "Kestrel:Endpoints:Management:Url";

    /// <summary>Adds the management address to those that the service listens on.</summary>
    public static void AddManagementPort(this WebApplicationBuilder builder)
    {
        var options = ManagementOptions.Of(builder.Configuration, builder.Environment);
        if (options.Port is not { } port)
        {
            return;
        }

        var address = string.Create(CultureInfo.InvariantCulture, $"http://{options.Address}:{port}");
        var configuration = builder.Configuration;
        if (configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            // Endpoints of this section make Kestrel ignore addresses, so the management address becomes one of them.
            configuration.AddInMemoryCollection([new(EndpointKey, address)]);
            return;
        }

        configuration.AddInMemoryCollection([new(WebHostDefaults.ServerUrlsKey, $"{OwnAddresses(configuration)};{address}")]);
    }

    /// <summary>Keeps the two ports apart. It stands first, so that nothing behind it is reached by the wrong door.</summary>
    public static void UseManagementPort(this WebApplication app)
    {
        if (ManagementOptions.Of(app.Configuration, app.Environment).Port is not { } configured)
        {
            return;
        }

        var port = new Lazy<int>(() => configured != 0 ? configured : BoundPort(app));
        var development = app.Environment.IsDevelopment();
        app.Use((context, next) =>
        {
            var probe = HealthExtensions.IsProbe(context.Request.Path);
            var management = context.Connection.LocalPort == port.Value;
            if (probe == management || (probe && development))
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    /// <summary>What the service would listen on by itself, by the rules of the web host: addresses, or else ports, or else its default.</summary>
    private static string OwnAddresses(ConfigurationManager configuration)
    {
        if (configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } urls)
        {
            return urls;
        }

        var http = Expand(configuration[WebHostDefaults.HttpPortsKey], "http");
        var https = Expand(configuration[WebHostDefaults.HttpsPortsKey], "https");
        return (http, https) switch
        {
            ({ Length: 0 }, { Length: 0 }) => "http://localhost:5000",
            ({ Length: 0 }, _) => https,
            (_, { Length: 0 }) => http,
            _ => $"{http};{https}",
        };
    }

    private static string Expand(string? ports, string scheme) => string.Join(';',
        (ports ?? string.Empty).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(port => $"{scheme}://*:{port}"));

    /// <summary>Port 0 lets the system choose; Kestrel keeps the order of the addresses and writes the chosen ports into them.</summary>
    private static int BoundPort(WebApplication app) =>
        BindingAddress.Parse(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Last()).Port;
}
