namespace Aspire.Hosting.ApplicationModel;

/// <summary>The resource is healthy when it answers a GET with the expected status.</summary>
internal sealed class HttpHealthCheckAnnotation(EndpointReference endpoint, string path, int statusCode) : IResourceAnnotation
{
    public EndpointReference Endpoint { get; } = endpoint;

    public string Path { get; } = path;

    public int StatusCode { get; } = statusCode;

    /// <summary>Name of the check, <c>web_http_/health_200_check</c>.</summary>
    public string Key => $"{Endpoint.Resource.Name}_{Endpoint.EndpointName}_{Path}_{StatusCode}_check";

    public static HttpHealthCheckAnnotation Create(IResourceWithEndpoints resource, string? path, int? statusCode, string? endpointName)
    {
        var endpoint = endpointName is null
            ? resource.FindEndpoint("https") ?? resource.FindEndpoint("http")
            : resource.FindEndpoint(endpointName);

        return endpoint switch
        {
            null => throw new DistributedApplicationException(
                $"Could not create HTTP health check for resource '{resource.Name}' as no endpoint was found matching one of the specified names: {endpointName ?? "https, http"}"),
            { UriScheme: not ("http" or "https") } => throw new DistributedApplicationException(
                $"Could not create HTTP health check for resource '{resource.Name}' as the endpoint with name '{endpoint.Name}' and scheme '{endpoint.UriScheme}' is not an HTTP endpoint."),
            _ => new HttpHealthCheckAnnotation(resource.GetEndpoint(endpoint.Name), path ?? "/", statusCode ?? 200),
        };
    }
}
