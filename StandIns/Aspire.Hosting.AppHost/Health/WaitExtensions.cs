using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Lets resources start only after others.</summary>
public static class WaitExtensions
{
    /// <summary>Waits until a dependency runs, is healthy and ready.</summary>
    /// <typeparam name="T">Type of the resource that waits.</typeparam>
    /// <param name="builder">The resource that waits.</param>
    /// <param name="dependency">What it waits for.</param>
    /// <returns>The builder of the resource that waits.</returns>
    /// <exception cref="DistributedApplicationException">It would wait for itself or for its parent.</exception>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => builder.Wait(dependency, WaitType.Healthy, null);

    /// <summary>Waits until a dependency runs, is healthy and ready.</summary>
    /// <typeparam name="T">Type of the resource that waits.</typeparam>
    /// <param name="builder">The resource that waits.</param>
    /// <param name="dependency">What it waits for.</param>
    /// <param name="waitBehavior">What happens when the dependency becomes unavailable.</param>
    /// <returns>The builder of the resource that waits.</returns>
    /// <exception cref="DistributedApplicationException">It would wait for itself or for its parent.</exception>
    public static IResourceBuilder<T> WaitFor<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitBehavior waitBehavior)
        where T : IResourceWithWaitSupport => builder.Wait(dependency, WaitType.Healthy, waitBehavior);

    /// <summary>Waits until a dependency runs.</summary>
    /// <typeparam name="T">Type of the resource that waits.</typeparam>
    /// <param name="builder">The resource that waits.</param>
    /// <param name="dependency">What it waits for.</param>
    /// <returns>The builder of the resource that waits.</returns>
    /// <exception cref="DistributedApplicationException">It would wait for itself or for its parent.</exception>
    public static IResourceBuilder<T> WaitForStart<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => builder.Wait(dependency, WaitType.Started, null);

    /// <summary>Waits until a dependency has ended.</summary>
    /// <typeparam name="T">Type of the resource that waits.</typeparam>
    /// <param name="builder">The resource that waits.</param>
    /// <param name="dependency">What it waits for.</param>
    /// <param name="exitCode">The exit code that means success; any other fails the start.</param>
    /// <returns>The builder of the resource that waits.</returns>
    /// <exception cref="DistributedApplicationException">It would wait for itself or for its parent.</exception>
    public static IResourceBuilder<T> WaitForCompletion<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, int exitCode = 0)
        where T : IResourceWithWaitSupport => builder.Wait(dependency, WaitType.Completed, null, exitCode);

    private static IResourceBuilder<T> Wait<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitType type, WaitBehavior? behavior, int exitCode = 0)
        where T : IResourceWithWaitSupport
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(dependency);
        IResource waiting = builder.Resource;

        if (ReferenceEquals(waiting, dependency.Resource))
        {
            throw new DistributedApplicationException($"The '{waiting.Name}' resource cannot wait for itself.");
        }

        if (waiting is IResourceWithParent child && ReferenceEquals(child.Parent, dependency.Resource))
        {
            throw new DistributedApplicationException($"The '{waiting.Name}' resource cannot wait for its parent '{dependency.Resource.Name}'.");
        }

        if (dependency.Resource is IResourceWithParent { Parent: var parent } && type != WaitType.Completed)
        {
            // A database that answers stands in a server that does; waiting for both tells a person which of them is missing.
            builder.WithAnnotation(new WaitAnnotation(parent, type, exitCode) { WaitBehavior = behavior });
        }

        return builder
            .WithAnnotation(new ResourceRelationshipAnnotation(dependency.Resource, ResourceRelationshipAnnotation.WaitFor))
            .WithAnnotation(new WaitAnnotation(dependency.Resource, type, exitCode) { WaitBehavior = behavior });
    }
}
