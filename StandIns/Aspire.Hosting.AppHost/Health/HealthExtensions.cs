using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Says how the health of resources is found out, and what waits for it.</summary>
public static class HealthExtensions
{
    /// <summary>Adds a check that is registered in the app host's services.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="key">Name of the check; one resource has it once.</param>
    /// <returns>The builder of the resource.</returns>
    /// <exception cref="DistributedApplicationException">The resource has that check already.</exception>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (builder.Resource.Annotations.OfType<HealthCheckAnnotation>().Any(check => check.Key == key))
        {
            throw new DistributedApplicationException(
                $"Resource '{builder.Resource.Name}' already has a health check with key '{key}'.");
        }

        return builder.WithAnnotation(new HealthCheckAnnotation(key));
    }

    /// <summary>Adds a check that asks one of the http endpoints that the resource has by now.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="path">Path that is asked; null stands for <c>/</c>.</param>
    /// <param name="statusCode">Status that means healthy; null stands for 200.</param>
    /// <param name="endpointName">The endpoint; null takes https, else http.</param>
    /// <returns>The builder of the resource.</returns>
    /// <exception cref="DistributedApplicationException">There is no such endpoint, or it is not http.</exception>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        var check = HttpHealthCheckAnnotation.Create(builder.Resource, path, statusCode, endpointName);
        return builder.WithAnnotation(check).WithHealthCheck(check.Key);
    }

    /// <summary>Leaves the start of the resource to a person.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <returns>The builder of the resource.</returns>
    public static IResourceBuilder<T> WithExplicitStart<T>(this IResourceBuilder<T> builder)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ExplicitStartupAnnotation(), ResourceAnnotationMutationBehavior.Replace);
    }
}
