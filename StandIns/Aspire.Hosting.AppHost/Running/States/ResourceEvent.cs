namespace Aspire.Hosting.ApplicationModel;

/// <summary>A change of one instance of a resource.</summary>
/// <param name="resource">The resource.</param>
/// <param name="resourceId">The instance: the resource's name and, where there are processes, eight characters of its own.</param>
/// <param name="snapshot">What is known about the instance after the change.</param>
public sealed class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    /// <summary>The resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>The instance.</summary>
    public string ResourceId { get; } = resourceId;

    /// <summary>What is known about the instance after the change.</summary>
    public CustomResourceSnapshot Snapshot { get; } = snapshot;

    /// <summary>Whether the name means this resource or this instance of it; case does not matter.</summary>
    internal bool IsNamed(string name) =>
        string.Equals(Resource.Name, name, StringComparison.OrdinalIgnoreCase)
        || string.Equals(ResourceId, name, StringComparison.OrdinalIgnoreCase);
}
