using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An address at which a resource listens.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private readonly TaskCompletionSource<AllocatedEndpoint> _allocation = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _uriScheme;
    private string? _transport;

    /// <summary>An endpoint.</summary>
    /// <param name="protocol">Network protocol.</param>
    /// <param name="uriScheme">Scheme of its urls; by default the protocol's name.</param>
    /// <param name="transport">What is spoken over it (<c>tcp</c>, <c>http</c>, <c>http2</c>); by default it follows from the scheme.</param>
    /// <param name="name">Name of the endpoint; by default its scheme.</param>
    /// <param name="port">Port under which others reach it; null picks a free one.</param>
    /// <param name="targetPort">Port on which the resource listens; null picks a free one for each replica.</param>
    /// <param name="isExternal">Whether a deployment exposes it to the outside.</param>
    /// <param name="isProxied">Whether a proxy owns the public port, in front of every replica.</param>
    public EndpointAnnotation(
        ProtocolType protocol,
        string? uriScheme = null,
        string? transport = null,
        string? name = null,
        int? port = null,
        int? targetPort = null,
        bool? isExternal = null,
        bool isProxied = true)
    {
        Protocol = protocol;
        _uriScheme = uriScheme;
        _transport = transport;
        Name = name ?? UriScheme;
        Port = port;
        TargetPort = targetPort;
        IsExternal = isExternal ?? false;
        IsProxied = isProxied;
        ResourceName.Validate(Name, "Endpoint", nameof(name));
    }

    /// <summary>Name of the endpoint, unique in its resource.</summary>
    public string Name { get; set; }

    /// <summary>Network protocol.</summary>
    public ProtocolType Protocol { get; set; }

    /// <summary>Scheme of its urls.</summary>
    public string UriScheme
    {
        get => _uriScheme ?? Protocol.ToString().ToLowerInvariant();
        set => _uriScheme = value;
    }

    /// <summary>What is spoken over it: <c>tcp</c>, <c>http</c> or <c>http2</c>.</summary>
    public string Transport
    {
        get => _transport ?? (UriScheme is "http" or "https" ? "http" : Protocol.ToString().ToLowerInvariant());
        set => _transport = value;
    }

    /// <summary>Host that the resource listens on.</summary>
    public string TargetHost { get; set; } = "localhost";

    /// <summary>Port under which others reach it; null picks a free one.</summary>
    public int? Port { get; set; }

    /// <summary>Port on which the resource listens; null picks a free one for each replica.</summary>
    public int? TargetPort { get; set; }

    /// <summary>Whether a deployment exposes it to the outside.</summary>
    public bool IsExternal { get; set; }

    /// <summary>Whether a proxy owns the public port, in front of every replica.</summary>
    public bool IsProxied { get; set; }

    /// <summary>Whether the endpoint speaks TLS.</summary>
    public bool TlsEnabled
    {
        get => field || UriScheme is "https";
        set;
    }

    /// <summary>The address as it came about; null until the application has picked one.</summary>
    public AllocatedEndpoint? AllocatedEndpoint
    {
        get => _allocation.Task.IsCompletedSuccessfully ? _allocation.Task.Result : null;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _allocation.TrySetResult(value);
        }
    }

    /// <summary>Variable that carries the port to the resource, where one was asked for.</summary>
    internal string? TargetPortEnvironmentVariable { get; set; }

    /// <summary>Whether the endpoint comes from a project's launch profile.</summary>
    internal bool FromLaunchProfile { get; set; }

    internal Task<AllocatedEndpoint> WaitForAllocationAsync(CancellationToken cancellationToken) =>
        _allocation.Task.WaitAsync(cancellationToken);
}

/// <summary>The address that an endpoint got.</summary>
/// <param name="endpoint">The endpoint.</param>
/// <param name="address">Host under which it is reached.</param>
/// <param name="port">Port under which it is reached.</param>
public sealed class AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port)
{
    /// <summary>The endpoint.</summary>
    public EndpointAnnotation Endpoint { get; } = endpoint;

    /// <summary>Host under which it is reached.</summary>
    public string Address { get; } = address;

    /// <summary>Port under which it is reached.</summary>
    public int Port { get; } = port;

    /// <summary>Scheme of its urls.</summary>
    public string UriScheme => Endpoint.UriScheme;

    /// <summary>Its url, without a path.</summary>
    public string UriString => $"{UriScheme}://{Address}:{Port}";
}
