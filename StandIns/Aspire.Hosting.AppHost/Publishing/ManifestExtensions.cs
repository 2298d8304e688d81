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
        return builder.WithAnnotation(new ExcludedFromManifestAnnotation(), ResourceAnnotationMutationBehavior.Replace);
    }
}

/// <summary>The resource exists on this machine only.</summary>
internal sealed class ExcludedFromManifestAnnotation : IResourceAnnotation;
