using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running.Network;
using Aspire.Hosting.Running.Programs;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>
/// The addresses of one resource: a proxy on the public port of each proxied endpoint, and a port of its own for each instance
/// behind it; or, without a proxy, one port that is public and the program's own.
/// </summary>
internal sealed class ResourceEndpoints : IAsyncDisposable
{
    private readonly Dictionary<string, TcpProxy> _proxies = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int>[] _targetPorts;
    private readonly bool[] _running;
    private readonly List<int> _taken = [];
    private readonly Lock _gate = new();

    private ResourceEndpoints(int replicas)
    {
        _targetPorts = [.. Enumerable.Range(0, replicas).Select(_ => new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase))];
        _running = new bool[replicas];
    }

    /// <summary>Gives every endpoint of the resource its address.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="randomizePorts">Whether fixed public ports are ignored, so that several app hosts fit on one machine.</param>
    /// <param name="logger">Log of the proxies.</param>
    /// <exception cref="DistributedApplicationException">
    /// A port is taken (the message names its owner), or cannot be shared by replicas.
    /// </exception>
    public static async Task<ResourceEndpoints> AllocateAsync(IResource resource, bool randomizePorts, ILogger logger)
    {
        var endpoints = new ResourceEndpoints(resource.InstanceIds().Count);
        try
        {
            foreach (var endpoint in resource.Endpoints().Where(endpoint => endpoint.Protocol == ProtocolType.Tcp))
            {
                var port = endpoints.Allocate(resource, endpoint, randomizePorts, logger);
                endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", port);
            }

            return endpoints;
        }
        catch
        {
            await endpoints.DisposeAsync();
            throw;
        }
    }

    /// <summary>The ports on which an instance listens, by the name of the endpoint.</summary>
    public IReadOnlyDictionary<string, int> TargetPorts(int replica) => _targetPorts[replica];

    /// <summary>Takes an instance into the round of the proxies, or out of it.</summary>
    public void SetRunning(int replica, bool running)
    {
        lock (_gate)
        {
            _running[replica] = running;
            foreach (var (name, proxy) in _proxies)
            {
                proxy.SetTargets(_targetPorts.Where((_, index) => _running[index]).Select(ports => ports[name]));
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_proxies.Values.Select(proxy => proxy.DisposeAsync().AsTask()));
        _taken.ForEach(PortAllocator.Return);
        _taken.Clear();
    }

    private int Allocate(IResource resource, EndpointAnnotation endpoint, bool randomizePorts, ILogger logger)
    {
        RefuseWhatReplicasCannotShare(resource, endpoint);
        var isDirect = !endpoint.IsProxied || resource.Annotations.OfType<ProgramAnnotation>().Any();
        try
        {
            return isDirect ? AllocateDirect(endpoint, randomizePorts) : AllocateProxied(endpoint, randomizePorts, logger);
        }
        catch (DistributedApplicationException ex)
        {
            throw new DistributedApplicationException(
                $"Endpoint '{endpoint.Name}' of resource '{resource.Name}' cannot be opened. {ex.Message}", ex);
        }
    }

    private int AllocateProxied(EndpointAnnotation endpoint, bool randomizePorts, ILogger logger)
    {
        var proxy = TcpProxy.Listen(randomizePorts ? 0 : endpoint.Port ?? 0, logger);
        _proxies.Add(endpoint.Name, proxy);
        foreach (var ports in _targetPorts)
        {
            ports[endpoint.Name] = endpoint.TargetPort ?? Take();
        }

        return proxy.Port;
    }

    private int AllocateDirect(EndpointAnnotation endpoint, bool randomizePorts)
    {
        // A program that was told its port by hand (isProxied: false) keeps it also in tests: nobody else could tell it another.
        var isFixed = !endpoint.IsProxied || !randomizePorts;
        var port = (isFixed ? endpoint.Port ?? (endpoint.IsProxied ? null : endpoint.TargetPort) : null) ?? Take();
        if (!PortAllocator.IsFree(port))
        {
            throw new DistributedApplicationException(PortOwner.Describe(port));
        }

        foreach (var ports in _targetPorts)
        {
            ports[endpoint.Name] = port;
        }

        return port;
    }

    private int Take()
    {
        var port = PortAllocator.Take();
        _taken.Add(port);
        return port;
    }

    private static void RefuseWhatReplicasCannotShare(IResource resource, EndpointAnnotation endpoint)
    {
        if (resource.Replicas() > 1 && (endpoint.TargetPort is not null || !endpoint.IsProxied))
        {
            throw new DistributedApplicationException(
                $"Resource '{resource.Name}' has several replicas, and endpoint '{endpoint.Name}' "
                + (endpoint.IsProxied ? "has a fixed target port" : "is not proxied")
                + ": each replica needs a port of its own, with a proxy in front.");
        }
    }
}
