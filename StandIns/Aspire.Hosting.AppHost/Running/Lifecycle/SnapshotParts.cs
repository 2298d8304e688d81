using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running.Processes;
using Aspire.Hosting.Running.Programs;

namespace Aspire.Hosting.Running;

/// <summary>The parts of a snapshot that follow from the model; names as the dashboard knows them.</summary>
internal static class SnapshotParts
{
    private const string ProcessIdProperty = "executable.pid";

    /// <summary>What is shown of a resource before it starts.</summary>
    public static async Task<CustomResourceSnapshot> InitialAsync(IResource resource, DateTime now) => new()
    {
        ResourceType = resource switch
        {
            ProjectResource => "Project",
            ExecutableResource => "Executable",
            ContainerResource => "Container",
            ParameterResource => "Parameter",
            ConnectionStringResource => "ConnectionString",
            _ => resource.GetType().Name,
        },
        CreationTimeStamp = now,
        Properties = Properties(resource, null, null),
        Relationships = Relationships(resource),
        Urls = await UrlsAsync(resource),
        Volumes = Volumes(resource),
    };

    /// <summary>Variables that the application set; those that the process inherits are left out.</summary>
    public static ImmutableArray<EnvironmentVariableSnapshot> Environment(IReadOnlyDictionary<string, string> variables) =>
        [.. variables.Select(variable => new EnvironmentVariableSnapshot(variable.Key, variable.Value, IsFromSpec: true))];

    /// <summary>What the resource is made of.</summary>
    public static ImmutableArray<ResourcePropertySnapshot> Properties(IResource resource, ProcessSpec? spec, int? processId)
    {
        var properties = ImmutableArray.CreateBuilder<ResourcePropertySnapshot>();
        if (resource.Annotations.OfType<IProjectMetadata>().LastOrDefault() is { } project)
        {
            properties.Add(new("project.path", project.ProjectPath));
        }

        // Where a program of this machine runs in its place, there is no image to be shown.
        if (resource.Annotations.OfType<ContainerImageAnnotation>().LastOrDefault() is { } image
            && !resource.Annotations.OfType<ProgramAnnotation>().Any())
        {
            properties.Add(new("container.image", image.ToString()));
        }

        if (spec is not null)
        {
            properties.Add(new("executable.path", spec.FileName));
            properties.Add(new("executable.workDir", spec.WorkingDirectory));
            properties.Add(new("executable.args", spec.Arguments.ToImmutableArray()) { IsSensitive = true });
        }

        return WithProcessId(properties.ToImmutable(), processId);
    }

    public static ImmutableArray<ResourcePropertySnapshot> WithProcessId(ImmutableArray<ResourcePropertySnapshot> properties, int? processId)
    {
        var others = properties.Where(property => property.Name != ProcessIdProperty);
        return processId is null ? [.. others] : [.. others, new(ProcessIdProperty, processId)];
    }

    /// <summary>What can be done with a process in that state.</summary>
    public static ImmutableArray<ResourceCommandSnapshot> Commands(bool isProcess, string? state)
    {
        if (!isProcess)
        {
            return [];
        }

        var isRunning = state == KnownResourceStates.Running;
        var isUp = isRunning || state == KnownResourceStates.Starting || state == KnownResourceStates.Waiting;
        var (start, stop) = (isUp, state == KnownResourceStates.Stopping) switch
        {
            (_, true) => (ResourceCommandState.Hidden, ResourceCommandState.Disabled),
            (true, _) => (ResourceCommandState.Hidden, ResourceCommandState.Enabled),
            _ => (ResourceCommandState.Enabled, ResourceCommandState.Hidden),
        };
        var restart = isRunning ? ResourceCommandState.Enabled : ResourceCommandState.Disabled;
        return
        [
            new(KnownResourceCommands.StartCommand, start, "Start", "Start resource", "Play", IsHighlighted: true),
            new(KnownResourceCommands.StopCommand, stop, "Stop", "Stop resource", "Stop", IsHighlighted: true),
            new(KnownResourceCommands.RestartCommand, restart, "Restart", "Restart resource", "ArrowCounterclockwise", IsHighlighted: false),
        ];
    }

    private static ImmutableArray<RelationshipSnapshot> Relationships(IResource resource)
    {
        var parent = resource is IResourceWithParent child
            ? [new RelationshipSnapshot(child.Parent.Name, ResourceRelationshipAnnotation.Parent)]
            : Enumerable.Empty<RelationshipSnapshot>();
        var others = resource.Annotations.OfType<ResourceRelationshipAnnotation>()
            .Select(relationship => new RelationshipSnapshot(relationship.Resource.Name, relationship.Type));
        return [.. parent.Concat(others).Distinct()];
    }

    private static async Task<ImmutableArray<UrlSnapshot>> UrlsAsync(IResource resource)
    {
        List<ResourceUrlAnnotation> urls = resource is IResourceWithEndpoints owner
            ? [.. resource.Endpoints().Where(endpoint => endpoint.AllocatedEndpoint is not null).Select(endpoint => LinkTo(owner, endpoint))]
            : [];
        urls.AddRange(resource.Annotations.OfType<ResourceUrlAnnotation>());
        foreach (var annotation in resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>())
        {
            await annotation.Callback(urls, resource);
        }

        return [.. urls.Select(ToSnapshot)];
    }

    private static ResourceUrlAnnotation LinkTo(IResourceWithEndpoints owner, EndpointAnnotation endpoint) =>
        new() { Url = endpoint.AllocatedEndpoint!.UriString, Endpoint = new EndpointReference(owner, endpoint.Name) };

    private static UrlSnapshot ToSnapshot(ResourceUrlAnnotation link)
    {
        var url = link.Endpoint is { IsAllocated: true } endpoint && link.Url.StartsWith('/') ? endpoint.Url + link.Url : link.Url;
        return new UrlSnapshot(link.Endpoint?.EndpointName, url, IsInternal: false)
        {
            DisplayProperties = new UrlDisplayPropertiesSnapshot(link.DisplayText ?? "", link.DisplayOrder ?? 0),
            IsInactive = true,
        };
    }

    private static ImmutableArray<VolumeSnapshot> Volumes(IResource resource) =>
    [
        .. resource.Annotations.OfType<ContainerMountAnnotation>().Select(mount =>
            new VolumeSnapshot(mount.Source, mount.Target, mount.Type == ContainerMountType.BindMount ? "bind" : "volume", mount.IsReadOnly)),
    ];
}
