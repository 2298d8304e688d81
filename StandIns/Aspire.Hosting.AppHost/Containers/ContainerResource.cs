namespace Aspire.Hosting.ApplicationModel;

/// <summary>A container.</summary>
/// <param name="name">Name of the resource.</param>
/// <param name="entrypoint">Program that runs in it; null runs the image's own.</param>
public class ContainerResource(string name, string? entrypoint = null)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
{
    /// <summary>Program that runs in it; null runs the image's own.</summary>
    public string? Entrypoint { get; set; } = entrypoint;
}
