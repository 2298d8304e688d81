using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>The ids of a resource's instances: chosen once, so that logs, states and telemetry agree over restarts.</summary>
internal sealed class ResourceInstancesAnnotation(IReadOnlyList<string> ids) : IResourceAnnotation
{
    public IReadOnlyList<string> Ids { get; } = ids;
}

internal static class ResourceInstances
{
    private const int SuffixLength = 8;
    private const string SuffixCharacters = "abcdefghjkmnpqrstuvwxyz";
    private static readonly Lock Gate = new();

    /// <summary>
    /// One id for each replica of a resource that is a process (<c>web-kqpzmrtx</c>); the resource's name for everything else.
    /// </summary>
    public static IReadOnlyList<string> InstanceIds(this IResource resource)
    {
        lock (Gate)
        {
            if (resource.Annotations.OfType<ResourceInstancesAnnotation>().FirstOrDefault() is { } known)
            {
                return known.Ids;
            }

            string[] ids = resource.IsProcess()
                ? [.. Enumerable.Range(0, resource.Replicas()).Select(_ => NewId(resource.Name))]
                : [resource.Name];
            resource.Annotations.Add(new ResourceInstancesAnnotation(ids));
            return ids;
        }
    }

    /// <summary>Whether running the resource means running a program or a container.</summary>
    public static bool IsProcess(this IResource resource) => resource is ProjectResource or ExecutableResource or ContainerResource;

    /// <summary>How many instances are wanted.</summary>
    public static int Replicas(this IResource resource) => resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;

    /// <summary>The part of an instance's id that is its own; telemetry calls it <c>service.instance.id</c>.</summary>
    public static string InstanceSuffix(IResource resource, string instanceId) =>
        instanceId.Length > resource.Name.Length ? instanceId[(resource.Name.Length + 1)..] : instanceId;

    private static string NewId(string name) => $"{name}-{RandomNumberGenerator.GetString(SuffixCharacters, SuffixLength)}";
}
