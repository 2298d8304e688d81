using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds containers to an application and configures them.</summary>
public static class ContainerResourceBuilderExtensions
{
    /// <summary>Adds a container.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="image">The image, with or without registry and tag.</param>
    /// <returns>A builder for the container.</returns>
    public static IResourceBuilder<ContainerResource> AddContainer(this IDistributedApplicationBuilder builder, string name, string image)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(new ContainerResource(name)).WithImage(image);
    }

    /// <summary>Adds a container.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="image">The image, without its tag.</param>
    /// <param name="tag">The tag.</param>
    /// <returns>A builder for the container.</returns>
    public static IResourceBuilder<ContainerResource> AddContainer(
        this IDistributedApplicationBuilder builder, string name, string image, string tag)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(new ContainerResource(name)).WithImage(image, tag);
    }

    /// <summary>Chooses the image.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="image">The image, with or without registry and tag.</param>
    /// <param name="tag">The tag; null takes the one in <paramref name="image"/>, or <c>latest</c>.</param>
    /// <returns>The builder of the container.</returns>
    public static IResourceBuilder<T> WithImage<T>(this IResourceBuilder<T> builder, string image, string? tag = null)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(image);
        return builder.WithAnnotation(ContainerImageAnnotation.Parse(image, tag), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Chooses the image's tag.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="tag">The tag.</param>
    /// <returns>The builder of the container.</returns>
    public static IResourceBuilder<T> WithImageTag<T>(this IResourceBuilder<T> builder, string tag)
        where T : ContainerResource
    {
        Image(builder).Tag = tag;
        return builder;
    }

    /// <summary>Chooses the registry that the image comes from.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="registry">The registry; null is the container runtime's default.</param>
    /// <returns>The builder of the container.</returns>
    public static IResourceBuilder<T> WithImageRegistry<T>(this IResourceBuilder<T> builder, string? registry)
        where T : ContainerResource
    {
        Image(builder).Registry = registry;
        return builder;
    }

    /// <summary>Chooses the program that runs in the container.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="entrypoint">The program.</param>
    /// <returns>The builder of the container.</returns>
    public static IResourceBuilder<T> WithEntrypoint<T>(this IResourceBuilder<T> builder, string entrypoint)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Resource.Entrypoint = entrypoint;
        return builder;
    }

    /// <summary>Mounts a volume.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="name">Name of the volume; null makes one without a name.</param>
    /// <param name="target">Absolute path in the container.</param>
    /// <param name="isReadOnly">Whether the container may only read it.</param>
    /// <returns>The builder of the container.</returns>
    public static IResourceBuilder<T> WithVolume<T>(this IResourceBuilder<T> builder, string? name, string target, bool isReadOnly = false)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(target);
        return builder.WithAnnotation(new ContainerMountAnnotation(name, target, ContainerMountType.Volume, isReadOnly));
    }

    /// <summary>Mounts a volume without a name.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="target">Absolute path in the container.</param>
    /// <returns>The builder of the container.</returns>
    public static IResourceBuilder<T> WithVolume<T>(this IResourceBuilder<T> builder, string target)
        where T : ContainerResource => builder.WithVolume(null, target);

    /// <summary>Mounts a file or directory of this machine.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="source">The file or directory, relative to the app host's.</param>
    /// <param name="target">Absolute path in the container.</param>
    /// <param name="isReadOnly">Whether the container may only read it.</param>
    /// <returns>The builder of the container.</returns>
    public static IResourceBuilder<T> WithBindMount<T>(this IResourceBuilder<T> builder, string source, string target, bool isReadOnly = false)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(target);
        var path = Path.GetFullPath(source, builder.ApplicationBuilder.AppHostDirectory);
        return builder.WithAnnotation(new ContainerMountAnnotation(path, target, ContainerMountType.BindMount, isReadOnly));
    }

    /// <summary>Chooses the name under which the container runtime knows the container.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="name">The name.</param>
    /// <returns>The builder of the container.</returns>
    public static IResourceBuilder<T> WithContainerName<T>(this IResourceBuilder<T> builder, string name)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ContainerNameAnnotation(name), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Chooses how long the container lives.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="lifetime">As long as the application, or beyond it.</param>
    /// <returns>The builder of the container.</returns>
    public static IResourceBuilder<T> WithLifetime<T>(this IResourceBuilder<T> builder, ContainerLifetime lifetime)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ContainerLifetimeAnnotation(lifetime), ResourceAnnotationMutationBehavior.Replace);
    }

    private static ContainerImageAnnotation Image<T>(IResourceBuilder<T> builder)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Resource.Annotations.OfType<ContainerImageAnnotation>().LastOrDefault()
            ?? throw new InvalidOperationException($"The resource '{builder.Resource.Name}' does not have a container image specified. Use WithImage to specify the container image and tag.");
    }
}
