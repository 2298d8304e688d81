using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Projects;

/// <summary>An endpoint in a project's own configuration.</summary>
/// <param name="Name">Name of the endpoint: its scheme where it is the only one of it, else its key.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="IsHttp2">Whether it speaks HTTP/2 alone.</param>
internal sealed record KestrelEndpoint(string Name, BindingAddress Address, bool IsHttp2);

/// <summary>Reads what a project's appsettings say about its addresses.</summary>
internal sealed class KestrelConfiguration
{
    private const string Http2 = "Http2";

    private KestrelConfiguration(IConfiguration configuration)
    {
        IsHttp2Default = configuration["Kestrel:EndpointDefaults:Protocols"] == Http2;
        Endpoints = [.. ReadEndpoints(configuration)];
    }

    /// <summary>Whether endpoints that say nothing else speak HTTP/2 alone.</summary>
    public bool IsHttp2Default { get; }

    public IReadOnlyList<KestrelEndpoint> Endpoints { get; }

    public static KestrelConfiguration Read(string projectPath)
    {
        var directory = Path.GetDirectoryName(projectPath)!;
        var environment = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT");
        return new KestrelConfiguration(new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(directory, "appsettings.json"), optional: true)
            .AddJsonFile(Path.Combine(directory, $"appsettings.{environment}.json"), optional: true)
            .Build());
    }

    private IEnumerable<KestrelEndpoint> ReadEndpoints(IConfiguration configuration) =>
        from endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren()
        where endpoint["Url"] is not null
        let address = BindingAddress.Parse(endpoint["Url"]!)
        group (endpoint, address) by address.Scheme into scheme
        from one in scheme
        select new KestrelEndpoint(
            scheme.Count() == 1 ? scheme.Key : one.endpoint.Key,
            one.address,
            one.endpoint["Protocols"] is { } protocols ? protocols == Http2 : IsHttp2Default);
}
