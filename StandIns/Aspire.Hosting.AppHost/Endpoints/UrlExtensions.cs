using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Chooses the links that the dashboard shows for resources.</summary>
public static class UrlExtensions
{
    /// <summary>Adds a link.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="url">The address.</param>
    /// <param name="displayText">What the link says instead.</param>
    /// <returns>The builder of the resource.</returns>
    public static IResourceBuilder<T> WithUrl<T>(this IResourceBuilder<T> builder, string url, string? displayText = null)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(url);
        return builder.WithAnnotation(new ResourceUrlAnnotation { Url = url, DisplayText = displayText });
    }

    /// <summary>Changes the link of an endpoint.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="endpointName">Name of the endpoint.</param>
    /// <param name="callback">Changes the link; a path alone in its <c>Url</c> is relative to the endpoint.</param>
    /// <returns>The builder of the resource.</returns>
    public static IResourceBuilder<T> WithUrlForEndpoint<T>(
        this IResourceBuilder<T> builder, string endpointName, Action<ResourceUrlAnnotation> callback)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(callback);
        return builder.WithUrls((urls, _) =>
        {
            foreach (var url in urls.Where(url => string.Equals(url.Endpoint?.EndpointName, endpointName, StringComparison.OrdinalIgnoreCase)))
            {
                callback(url);
            }
        });
    }

    /// <summary>Adds a link to an endpoint.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="endpointName">Name of the endpoint.</param>
    /// <param name="callback">Makes the link; a path alone in its <c>Url</c> is relative to the endpoint.</param>
    /// <returns>The builder of the resource.</returns>
    public static IResourceBuilder<T> WithUrlForEndpoint<T>(
        this IResourceBuilder<T> builder, string endpointName, Func<EndpointReference, ResourceUrlAnnotation> callback)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(callback);
        return builder.WithUrls((urls, resource) =>
        {
            var endpoint = ((IResourceWithEndpoints)resource).GetEndpoint(endpointName);
            if (endpoint.Exists)
            {
                var url = callback(endpoint);
                urls.Add(new ResourceUrlAnnotation
                {
                    Url = url.Url,
                    DisplayText = url.DisplayText,
                    DisplayOrder = url.DisplayOrder,
                    Endpoint = endpoint,
                });
            }
        });
    }

    /// <summary>Lets a callback change all links once the addresses of the endpoints are known.</summary>
    internal static IResourceBuilder<T> WithUrls<T>(this IResourceBuilder<T> builder, Action<IList<ResourceUrlAnnotation>, IResource> callback)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ResourceUrlsCallbackAnnotation((urls, resource) =>
        {
            callback(urls, resource);
            return Task.CompletedTask;
        }));
    }
}
