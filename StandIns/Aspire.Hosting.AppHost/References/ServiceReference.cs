using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.References;

/// <summary>The variables by which service discovery finds a resource.</summary>
internal static class ServiceReference
{
    /// <summary>Adds endpoints to what a resource is told about another; each pair of the two writes its variables once, under the first name.</summary>
    /// <param name="builder">The resource that is told.</param>
    /// <param name="source">The resource that is to be found.</param>
    /// <param name="name">Name under which it is found; null stands for its own.</param>
    /// <param name="endpointName">The one endpoint that is passed; null passes all.</param>
    public static void Add<T>(IResourceBuilder<T> builder, IResourceWithEndpoints source, string? name, string? endpointName)
        where T : IResourceWithEnvironment
    {
        var reference = builder.Resource.Annotations.OfType<ServiceReferenceAnnotation>()
            .FirstOrDefault(other => ReferenceEquals(other.Source, source));
        if (reference is null)
        {
            reference = new ServiceReferenceAnnotation(source, name);
            builder.WithReferenceRelationship(source).WithAnnotation(reference).WithEnvironment(reference.Write);
        }

        reference.Include(endpointName);
    }

    public static void WriteUri(EnvironmentCallbackContext context, string name, Uri uri, ReferenceEnvironmentInjectionFlags flags)
    {
        if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.ServiceDiscovery))
        {
            context.EnvironmentVariables[$"services__{name}__default__0"] = uri.ToString();
        }

        if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.Endpoints))
        {
            context.EnvironmentVariables[VariableName.Encode(name)] = uri.ToString();
        }
    }
}

/// <summary>What a resource is told about the endpoints of another.</summary>
internal sealed class ServiceReferenceAnnotation(IResourceWithEndpoints source, string? name) : IResourceAnnotation
{
    private readonly HashSet<string> _endpointNames = new(StringComparer.OrdinalIgnoreCase);
    private bool _all;

    public IResourceWithEndpoints Source { get; } = source;

    public void Include(string? endpointName)
    {
        if (endpointName is null)
        {
            _all = true;
        }
        else
        {
            _endpointNames.Add(endpointName);
        }
    }

    public void Write(EnvironmentCallbackContext context)
    {
        var flags = context.Resource.InjectedReferences();
        // A name that was chosen is kept as it was written.
        var prefix = VariableName.Encode(name ?? Source.Name.ToUpperInvariant());
        var names = Source.Endpoints().Select(endpoint => endpoint.Name).ToList();
        foreach (var endpointName in _all ? names : [.. names.Where(_endpointNames.Contains)])
        {
            var endpoint = Source.GetEndpoint(endpointName);
            if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.ServiceDiscovery))
            {
                context.EnvironmentVariables[FreeKey(context.EnvironmentVariables, endpoint)] = endpoint;
            }

            if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.Endpoints))
            {
                context.EnvironmentVariables[$"{prefix}_{VariableName.Encode(endpointName).ToUpperInvariant()}"] = endpoint;
            }
        }
    }

    /// <summary>An endpoint named for a scheme is found by its scheme, any other by its name; an index that is taken is left alone.</summary>
    private string FreeKey(Dictionary<string, object> variables, EndpointReference endpoint)
    {
        var key = endpoint.EndpointName.ToLowerInvariant() is "http" or "https" ? endpoint.Scheme : endpoint.EndpointName;
        for (var index = 0; ; index++)
        {
            var variable = $"services__{name ?? Source.Name}__{key}__{index}";
            if (!variables.ContainsKey(variable))
            {
                return variable;
            }
        }
    }
}
