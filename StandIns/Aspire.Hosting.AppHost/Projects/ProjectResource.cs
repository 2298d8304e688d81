namespace Aspire.Hosting.ApplicationModel;

/// <summary>A .NET project.</summary>
/// <param name="name">Name of the resource.</param>
public class ProjectResource(string name)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport
{
    /// <summary>Hosts of the endpoints that stand in the project's Kestrel configuration; where there are any, Kestrel reads no other addresses.</summary>
    internal Dictionary<EndpointAnnotation, string> KestrelHosts { get; } = [];

    /// <summary>The https endpoint that a manifest gets without being asked: a container has no certificate, so it is not told to listen there.</summary>
    internal EndpointAnnotation? DefaultHttpsEndpoint { get; set; }
}
