using System.Diagnostics.CodeAnalysis;

namespace Microsoft.Extensions.ServiceDiscovery.PassThrough;

/// <summary>Takes the service's name for the name of a host, where no provider before it found the service.</summary>
internal sealed class PassThroughServiceEndpointProvider(ServiceEndpointQuery query) : IServiceEndpointProvider
{
    public ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
    {
        if (endpoints.Endpoints.Count == 0)
        {
            var text = query.ToString();
            var port = Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"none://{text}", UriKind.Absolute, out var uri) ? uri.Port : 0;
            var endpoint = ServiceEndpoint.Create(EndpointText.OfHost(query.ServiceName, port));
            endpoint.Features.Set<IServiceEndpointProvider>(this);
            endpoints.Endpoints.Add(endpoint);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Answers for every service.</summary>
internal sealed class PassThroughServiceEndpointProviderFactory : IServiceEndpointProviderFactory
{
    public bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider)
    {
        provider = new PassThroughServiceEndpointProvider(query);
        return true;
    }
}
