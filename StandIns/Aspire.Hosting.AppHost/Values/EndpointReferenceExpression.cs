using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A part of an endpoint's address.</summary>
public enum EndpointProperty
{
    /// <summary>The whole url.</summary>
    Url,

    /// <summary>The host.</summary>
    Host,

    /// <summary>The host as an IPv4 address.</summary>
    IPV4Host,

    /// <summary>The port.</summary>
    Port,

    /// <summary>The scheme.</summary>
    Scheme,

    /// <summary>The port on which the resource itself listens.</summary>
    TargetPort,

    /// <summary>Host and port, separated by a colon.</summary>
    HostAndPort,

    /// <summary>Whether the endpoint speaks TLS: <c>True</c> or <c>False</c>.</summary>
    TlsEnabled,
}

/// <summary>One part of an endpoint's address, as a value known later.</summary>
/// <param name="endpointReference">The endpoint.</param>
/// <param name="property">Which part.</param>
public sealed class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property)
    : IManifestExpressionProvider, IValueProvider, IValueWithReferences
{
    /// <summary>The endpoint.</summary>
    public EndpointReference Endpoint { get; } = endpointReference;

    /// <summary>Which part of its address.</summary>
    public EndpointProperty Property { get; } = property;

    /// <inheritdoc/>
    public string ValueExpression => $"{{{Endpoint.Resource.Name}.bindings.{Endpoint.EndpointName}.{PropertyName}}}";

    IEnumerable<object> IValueWithReferences.References => [Endpoint];

    private string PropertyName => Property switch
    {
        EndpointProperty.Url => "url",
        EndpointProperty.Host or EndpointProperty.IPV4Host => "host",
        EndpointProperty.Port => "port",
        EndpointProperty.Scheme => "scheme",
        EndpointProperty.TargetPort => "targetPort",
        EndpointProperty.HostAndPort => "hostAndPort",
        EndpointProperty.TlsEnabled => "tlsEnabled",
        _ => throw new InvalidOperationException($"The property '{Property}' is not supported for the endpoint '{Endpoint.EndpointName}'."),
    };

    /// <inheritdoc/>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        GetValueAsync(new ValueProviderContext(), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var annotation = Endpoint.Annotation;

        return Property switch
        {
            EndpointProperty.Scheme => annotation.UriScheme,
            EndpointProperty.TlsEnabled => annotation.TlsEnabled.ToString(),
            EndpointProperty.TargetPort => Text(await TargetPortAsync(annotation, context, cancellationToken)),
            _ => Part(await annotation.WaitForAllocationAsync(cancellationToken)),
        };
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private string Part(AllocatedEndpoint endpoint) => Property switch
    {
        EndpointProperty.Url => endpoint.UriString,
        EndpointProperty.Host => endpoint.Address,
        EndpointProperty.IPV4Host => endpoint.Address is "localhost" ? "127.0.0.1" : endpoint.Address,
        EndpointProperty.Port => Text(endpoint.Port),
        _ => $"{endpoint.Address}:{Text(endpoint.Port)}",
    };

    /// <summary>Only the replica that asks knows its own port; everybody else can know a fixed one only.</summary>
    private async ValueTask<int> TargetPortAsync(EndpointAnnotation annotation, ValueProviderContext context, CancellationToken cancellationToken)
    {
        if (ReferenceEquals(context.Caller, Endpoint.Resource)
            && context.CallerTargetPorts?.TryGetValue(annotation.Name, out var own) == true)
        {
            return own;
        }

        if (annotation.TargetPort is { } fixedPort)
        {
            return fixedPort;
        }

        if (annotation.IsProxied)
        {
            throw new InvalidOperationException(
                $"The target port of endpoint '{annotation.Name}' of resource '{Endpoint.Resource.Name}' differs for each of its replicas.");
        }

        return (await annotation.WaitForAllocationAsync(cancellationToken)).Port;
    }
}
