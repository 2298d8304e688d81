using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Who waits for whom: the order of the start and, reversed, of the stop.</summary>
internal static class StopOrder
{
    /// <summary>The resources that a resource waits for; for a database that is its server too.</summary>
    public static IEnumerable<IResource> DependenciesOf(IResource resource) =>
        resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource)
            .Concat(resource is IResourceWithParent child ? [child.Parent] : []);

    /// <summary>Refuses resources that wait for each other: none of them would ever start.</summary>
    /// <exception cref="DistributedApplicationException">There is such a circle; the message shows it.</exception>
    public static void RefuseCircles(IEnumerable<IResource> resources)
    {
        var done = new HashSet<IResource>();
        foreach (var resource in resources)
        {
            Visit(resource, [], done);
        }
    }

    /// <summary>Stops every resource once those that depend on it have stopped; independent ones stop at the same time.</summary>
    public static Task StopAllAsync(IReadOnlyCollection<ResourceRun> runs)
    {
        var stops = new Dictionary<IResource, Task>();
        return Task.WhenAll(runs.Select(StopOnce));

        Task StopOnce(ResourceRun run)
        {
            if (!stops.TryGetValue(run.Resource, out var stop))
            {
                var dependents = runs.Where(other => DependenciesOf(other.Resource).Contains(run.Resource)).Select(StopOnce).ToList();
                stop = StopAfterAsync(dependents, run);
                stops[run.Resource] = stop;
            }

            return stop;
        }
    }

    private static async Task StopAfterAsync(List<Task> dependents, ResourceRun run)
    {
        await Task.WhenAll(dependents);
        await run.StopAsync();
    }

    private static void Visit(IResource resource, List<IResource> path, HashSet<IResource> done)
    {
        if (path.IndexOf(resource) is >= 0 and var start)
        {
            var circle = path.Skip(start).Append(resource).Select(member => $"'{member.Name}'");
            throw new DistributedApplicationException(
                $"These resources wait for each other and could never start: {string.Join(" → ", circle)}.");
        }

        if (done.Contains(resource))
        {
            return;
        }

        path.Add(resource);
        foreach (var dependency in DependenciesOf(resource))
        {
            Visit(dependency, path, done);
        }

        path.RemoveAt(path.Count - 1);
        done.Add(resource);
    }
}
