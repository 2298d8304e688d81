using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Says how resources appear in a manifest.</summary>
public static class ManifestExtensions
{
    /// <summary>Leaves a resource out of the manifest.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <returns>The builder of the resource.</returns>
    public static IResourceBuilder<T> ExcludeFromManifest<T>(this IResourceBuilder<T> builder)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ManifestPublishingAnnotation(null), ResourceAnnotationMutationBehavior.Replace);
    }
}

/// <summary>How a resource that the manifest does not know by its type appears in it.</summary>
internal sealed class ManifestPublishingAnnotation(Action<Utf8JsonWriter>? callback) : IResourceAnnotation
{
    /// <summary>Writes the members of the resource's object; null leaves the resource out.</summary>
    public Action<Utf8JsonWriter>? Callback { get; } = callback;
}
