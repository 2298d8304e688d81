using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.References;

namespace Aspire.Hosting;

/// <summary>Tells resources where others are.</summary>
public static class ReferenceExtensions
{
    /// <summary>Passes a connection string, and the parts of it, to a resource.</summary>
    /// <typeparam name="TDestination">Type of the resource that is told.</typeparam>
    /// <param name="builder">The resource that is told.</param>
    /// <param name="source">The resource that the connection string reaches.</param>
    /// <param name="connectionName">Name under which it is passed; null stands for the source's name.</param>
    /// <param name="optional">Whether the source may have no connection string.</param>
    /// <returns>The builder of the resource that is told.</returns>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);
        var flags = builder.Resource.InjectedReferences();
        return builder
            .WithReferenceRelationship(source.Resource)
            .WithEnvironment(context => ConnectionReference.Write(context, source.Resource, connectionName, optional, flags));
    }

    /// <summary>Passes the addresses of all endpoints of a resource to another.</summary>
    /// <typeparam name="TDestination">Type of the resource that is told.</typeparam>
    /// <param name="builder">The resource that is told.</param>
    /// <param name="source">The resource that is to be found.</param>
    /// <returns>The builder of the resource that is told.</returns>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);
        ServiceReference.Add(builder, source.Resource, name: null, endpointName: null);
        return builder;
    }

    /// <summary>Passes the addresses of all endpoints of a resource to another, under a chosen name.</summary>
    /// <typeparam name="TDestination">Type of the resource that is told.</typeparam>
    /// <param name="builder">The resource that is told.</param>
    /// <param name="source">The resource that is to be found.</param>
    /// <param name="name">Name under which it is found.</param>
    /// <returns>The builder of the resource that is told.</returns>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source, string name)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ServiceReference.Add(builder, source.Resource, name, endpointName: null);
        return builder;
    }

    /// <summary>Passes the address of something outside the application to a resource.</summary>
    /// <typeparam name="TDestination">Type of the resource that is told.</typeparam>
    /// <param name="builder">The resource that is told.</param>
    /// <param name="name">Name under which it is found.</param>
    /// <param name="uri">Its absolute address, with <c>/</c> as its path.</param>
    /// <returns>The builder of the resource that is told.</returns>
    /// <exception cref="InvalidOperationException">The address is relative, or has a path, query or fragment.</exception>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, string name, Uri uri)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(uri);
        if (!uri.IsAbsoluteUri)
        {
            throw new InvalidOperationException($"The uri for service reference '{name}' must be absolute.");
        }

        if (uri.PathAndQuery != "/" || uri.Fragment.Length > 0)
        {
            throw new InvalidOperationException($"The uri for service reference '{name}' must have the path \"/\", no query and no fragment.");
        }

        var flags = builder.Resource.InjectedReferences();
        return builder.WithEnvironment(context => ServiceReference.WriteUri(context, name, uri, flags));
    }

    /// <summary>Passes the address of one endpoint to a resource.</summary>
    /// <typeparam name="TDestination">Type of the resource that is told.</typeparam>
    /// <param name="builder">The resource that is told.</param>
    /// <param name="endpointReference">The endpoint.</param>
    /// <returns>The builder of the resource that is told.</returns>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(endpointReference);
        ServiceReference.Add(builder, endpointReference.Resource, name: null, endpointReference.EndpointName);
        return builder;
    }

    /// <summary>Chooses what references put into the environment of a resource.</summary>
    /// <typeparam name="TDestination">Type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="flags">What is put there; without this call it is everything.</param>
    /// <returns>The builder of the resource.</returns>
    public static IResourceBuilder<TDestination> WithReferenceEnvironment<TDestination>(
        this IResourceBuilder<TDestination> builder, ReferenceEnvironmentInjectionFlags flags)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ReferenceEnvironmentInjectionAnnotation(flags), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Shows a resource under another one in the dashboard.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="parent">The resource that it is shown under.</param>
    /// <returns>The builder of the resource.</returns>
    public static IResourceBuilder<T> WithParentRelationship<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> parent)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(parent);
        return builder.WithAnnotation(new ResourceRelationshipAnnotation(parent.Resource, ResourceRelationshipAnnotation.Parent));
    }

    internal static IResourceBuilder<T> WithReferenceRelationship<T>(this IResourceBuilder<T> builder, IResource resource)
        where T : IResource =>
        builder.WithAnnotation(new ResourceRelationshipAnnotation(resource, ResourceRelationshipAnnotation.Reference));
}
