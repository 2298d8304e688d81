using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes the endpoints of resources; ports that must be known and that nobody chose count up from 8000.</summary>
internal sealed class ManifestBindings
{
    private const int FirstFreePort = 8000;
    private readonly HashSet<int> _usedPorts = [];

    public void Write(Utf8JsonWriter writer, IResource resource)
    {
        var endpoints = resource.Endpoints().ToList();
        if (endpoints.Count == 0)
        {
            return;
        }

        HashSet<string> defaultedSchemes = [];
        writer.WriteStartObject("bindings");
        foreach (var endpoint in endpoints)
        {
            Write(writer, resource, endpoint, defaultedSchemes);
        }

        writer.WriteEndObject();
    }

    private void Write(Utf8JsonWriter writer, IResource resource, EndpointAnnotation endpoint, HashSet<string> defaultedSchemes)
    {
        var isHttp = endpoint.UriScheme is "http" or "https";
        var targetPort = TargetPort(resource, endpoint, isHttp && defaultedSchemes.Add(endpoint.UriScheme));
        var port = ExposedPort(endpoint, targetPort, isHttp);

        writer.WriteStartObject(endpoint.Name);
        writer.WriteString("scheme", endpoint.UriScheme);
        writer.WriteString("protocol", endpoint.Protocol.ToString().ToLowerInvariant());
        writer.WriteString("transport", isHttp && resource.Annotations.OfType<Http2ServiceAnnotation>().Any() ? "http2" : endpoint.Transport);
        if (port is not null && port != targetPort)
        {
            writer.WriteNumber("port", port.Value);
        }

        if (targetPort is not null)
        {
            writer.WriteNumber("targetPort", targetPort.Value);
        }

        if (endpoint.IsExternal)
        {
            writer.WriteBoolean("external", true);
        }

        writer.WriteEndObject();
    }

    /// <summary>The first http and the first https endpoint of a project get their port from the deployment: null.</summary>
    private int? TargetPort(IResource resource, EndpointAnnotation endpoint, bool isFirstOfItsScheme) =>
        (resource, endpoint) switch
        {
            (_, { TargetPort: { } chosen }) => Use(chosen),
            (ContainerResource, { Port: { } port }) => Use(port),
            (ProjectResource, _) when isFirstOfItsScheme => null,
            _ => FreePort(),
        };

    /// <summary>The port under which others reach the endpoint; null where it is the scheme's own, or the port that is listened on.</summary>
    private int? ExposedPort(EndpointAnnotation endpoint, int? targetPort, bool isHttp) =>
        (endpoint.Port, targetPort) switch
        {
            ({ } port, { }) => Use(port),
            (null, { }) => null,
            _ when isHttp => null,
            _ => FreePort(),
        };

    private int Use(int port)
    {
        _usedPorts.Add(port);
        return port;
    }

    private int FreePort()
    {
        var port = FirstFreePort;
        while (!_usedPorts.Add(port))
        {
            port++;
        }

        return port;
    }
}
