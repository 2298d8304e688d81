namespace Aspire.Hosting.ApplicationModel;

/// <summary>Names a check, registered in the app host's services, that must pass for the resource to be healthy.</summary>
internal sealed class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    public string Key { get; } = key;
}

internal sealed class ReplicaAnnotation(int replicas) : IResourceAnnotation
{
    public int Replicas { get; } = replicas;
}

/// <summary>The resource is started by a person, not with the application.</summary>
internal sealed class ExplicitStartupAnnotation : IResourceAnnotation;

internal sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    public const string Reference = "Reference";
    public const string Parent = "Parent";
    public const string WaitFor = "WaitFor";

    public IResource Resource { get; } = resource;

    public string Type { get; } = type;
}

/// <summary>The variable <c>OTEL_SERVICE_NAME</c> and its like are wanted.</summary>
internal sealed class OtlpExporterAnnotation : IResourceAnnotation;

internal sealed class ReferenceEnvironmentInjectionAnnotation(ReferenceEnvironmentInjectionFlags flags) : IResourceAnnotation
{
    public ReferenceEnvironmentInjectionFlags Flags { get; } = flags;
}

/// <summary>Every http and https endpoint speaks HTTP/2, whenever it was added.</summary>
internal sealed class Http2ServiceAnnotation : IResourceAnnotation;
