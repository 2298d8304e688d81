namespace Aspire.Hosting.ApplicationModel;

/// <summary>A link that the dashboard shows for a resource.</summary>
public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    /// <summary>The address; a path alone is relative to the endpoint.</summary>
    public required string Url { get; set; }

    /// <summary>What the link says instead of its address.</summary>
    public string? DisplayText { get; set; }

    /// <summary>Place among the links; higher stands first.</summary>
    public int? DisplayOrder { get; set; }

    /// <summary>The endpoint that the link belongs to, where it belongs to one.</summary>
    public EndpointReference? Endpoint { get; init; }
}

/// <summary>Changes the links of a resource once the addresses of its endpoints are known.</summary>
internal sealed class ResourceUrlsCallbackAnnotation(Func<IList<ResourceUrlAnnotation>, IResource, Task> callback) : IResourceAnnotation
{
    /// <summary>Takes the links so far, which it may change, and the resource.</summary>
    public Func<IList<ResourceUrlAnnotation>, IResource, Task> Callback { get; } = callback;
}
