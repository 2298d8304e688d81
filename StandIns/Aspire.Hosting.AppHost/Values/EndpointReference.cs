namespace Aspire.Hosting.ApplicationModel;

/// <summary>Points at an endpoint of a resource by its name; the endpoint may be added later.</summary>
public sealed class EndpointReference : IManifestExpressionProvider, IValueProvider, IValueWithReferences
{
    /// <summary>A reference to an endpoint.</summary>
    /// <param name="owner">The resource that listens there.</param>
    /// <param name="endpointName">Name of the endpoint.</param>
    public EndpointReference(IResourceWithEndpoints owner, string endpointName)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentException.ThrowIfNullOrEmpty(endpointName);
        Resource = owner;
        EndpointName = endpointName;
    }

    /// <summary>The resource that listens there.</summary>
    public IResourceWithEndpoints Resource { get; }

    /// <summary>Name of the endpoint.</summary>
    public string EndpointName { get; }

    /// <summary>Whether the resource has an endpoint of that name.</summary>
    public bool Exists => Find() is not null;

    /// <summary>Whether the endpoint's address is known already.</summary>
    public bool IsAllocated => Find()?.AllocatedEndpoint is not null;

    /// <summary>Whether the scheme is http.</summary>
    public bool IsHttp => string.Equals(Scheme, "http", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the scheme is https.</summary>
    public bool IsHttps => string.Equals(Scheme, "https", StringComparison.OrdinalIgnoreCase);

    /// <summary>Scheme of the endpoint.</summary>
    public string Scheme => Annotation.UriScheme;

    /// <summary>Host under which the endpoint is reached.</summary>
    public string Host => Allocated.Address;

    /// <summary>Port under which the endpoint is reached.</summary>
    public int Port => Allocated.Port;

    /// <summary>Port on which the resource itself listens, where it is fixed.</summary>
    public int? TargetPort => Annotation.TargetPort;

    /// <summary>Url of the endpoint, such as <c>http://localhost:5080</c>.</summary>
    public string Url => Allocated.UriString;

    /// <summary>The annotation behind the reference.</summary>
    /// <exception cref="InvalidOperationException">The resource has no such endpoint.</exception>
    internal EndpointAnnotation Annotation =>
        Find() ?? throw new InvalidOperationException($"The endpoint `{EndpointName}` is not defined for the resource `{Resource.Name}`.");

    /// <inheritdoc/>
    public string ValueExpression => Property(EndpointProperty.Url).ValueExpression;

    IEnumerable<object> IValueWithReferences.References => [Resource];

    private AllocatedEndpoint Allocated =>
        Annotation.AllocatedEndpoint
        ?? throw new InvalidOperationException($"The endpoint `{EndpointName}` is not allocated for the resource `{Resource.Name}`.");

    /// <summary>One part of the endpoint's address.</summary>
    /// <param name="property">Which part.</param>
    /// <returns>The part, as a value known later.</returns>
    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    /// <inheritdoc/>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        Property(EndpointProperty.Url).GetValueAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) =>
        Property(EndpointProperty.Url).GetValueAsync(context, cancellationToken);

    private EndpointAnnotation? Find() => Resource.FindEndpoint(EndpointName);
}
