namespace Aspire.Hosting.ApplicationModel;

internal static class EndpointLookup
{
    public static IEnumerable<EndpointAnnotation> Endpoints(this IResource resource) => resource.Annotations.OfType<EndpointAnnotation>();

    public static EndpointAnnotation? FindEndpoint(this IResource resource, string name) =>
        resource.Endpoints().FirstOrDefault(endpoint => string.Equals(endpoint.Name, name, StringComparison.OrdinalIgnoreCase));
}
