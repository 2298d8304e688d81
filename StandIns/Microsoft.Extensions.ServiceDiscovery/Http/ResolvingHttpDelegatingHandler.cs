namespace Microsoft.Extensions.ServiceDiscovery.Http;

/// <summary>
/// Sends a request for a service to one of its endpoints, and gives it back as it was: a repeat is resolved anew. Takes the endpoints in turn.
/// </summary>
internal sealed class ResolvingHttpDelegatingHandler(ServiceEndpointResolver resolver, ServiceDiscoveryOptions options) : DelegatingHandler
{
    private uint _next;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var original = request.RequestUri;
        if (original is { IsAbsoluteUri: true, Host.Length: > 0 })
        {
            var endpoint = await NextEndpointAsync(original, cancellationToken).ConfigureAwait(false);
            request.RequestUri = EndpointAddress.Apply(original, endpoint.EndPoint, options);
            request.Headers.Host ??= endpoint.Features.Get<IHostNameFeature>()?.HostName;
        }

        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            request.RequestUri = original;
        }
    }

    private async ValueTask<ServiceEndpoint> NextEndpointAsync(Uri address, CancellationToken cancellationToken)
    {
        var service = address.GetLeftPart(UriPartial.Authority);
        var source = await resolver.GetEndpointsAsync(service, cancellationToken).ConfigureAwait(false);
        return source.Endpoints.Count > 0
            ? source.Endpoints[(int)((Interlocked.Increment(ref _next) - 1) % (uint)source.Endpoints.Count)]
            : throw new InvalidOperationException($"No endpoint of '{service}' is known.");
    }
}
