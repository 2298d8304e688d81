using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Keeps the state of every instance of every resource, and tells those who watch or wait.</summary>
public sealed class ResourceNotificationService : IDisposable
{
    /// <summary>A watcher further behind loses the oldest changes; every change is a whole snapshot, so it still ends up right.</summary>
    private const int WatcherBacklogMax = 10_000;

    private readonly ConcurrentDictionary<string, ResourceEvent> _current = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<ChannelWriter<ResourceEvent>> _watchers = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ending = new();
    private long _version;

    internal ResourceNotificationService(WaitBehavior defaultWaitBehavior) => DefaultWaitBehavior = defaultWaitBehavior;

    /// <summary>What waiting does by default when the dependency can no longer become available.</summary>
    public WaitBehavior DefaultWaitBehavior { get; }

    /// <summary>Every change, beginning with the present state of all instances. A slow reader may miss changes, never the newest.</summary>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <returns>The changes.</returns>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending.Token);
        var channel = Channel.CreateBounded<ResourceEvent>(
            new BoundedChannelOptions(WatcherBacklogMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        ResourceEvent[] present;
        lock (_gate)
        {
            _watchers.Add(channel.Writer);
            present = [.. _current.Values.OrderBy(change => change.Snapshot.Version)];
        }

        try
        {
            foreach (var change in present)
            {
                yield return change;
            }

            await foreach (var change in channel.Reader.ReadAllAsync(linked.Token))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers.Remove(channel.Writer);
            }
        }
    }

    /// <summary>Waits until an instance of the resource is in a state.</summary>
    /// <param name="resourceName">Name of the resource; case does not matter.</param>
    /// <param name="targetState">The state; without one, <see cref="KnownResourceStates.Running"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when the state is reached.</returns>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    /// <summary>Waits until an instance of the resource is in one of several states.</summary>
    /// <param name="resourceName">Name of the resource; case does not matter.</param>
    /// <param name="targetStates">The states.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state that was reached.</returns>
    public async Task<string> WaitForResourceAsync(
        string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var reached = await WaitForResourceAsync(
            resourceName, change => change.Snapshot.State is { } state && states.Contains(state.Text), cancellationToken);
        return reached.Snapshot.State!.Text;
    }

    /// <summary>Waits until a change of the resource satisfies a condition.</summary>
    /// <param name="resourceName">Name of the resource; case does not matter.</param>
    /// <param name="predicate">The condition.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The change.</returns>
    public async Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(resourceName);
        await foreach (var change in WatchAsync(cancellationToken))
        {
            if (change.IsNamed(resourceName) && predicate(change))
            {
                return change;
            }
        }

        throw new OperationCanceledException($"The application ended before resource '{resourceName}' reached the target condition.");
    }

    /// <summary>Waits until an instance of the resource runs, is healthy and ready.</summary>
    /// <param name="resourceName">Name of the resource; case does not matter.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The change with which it became ready.</returns>
    /// <exception cref="DistributedApplicationException">The default behaviour is to stop, and the resource failed.</exception>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, DefaultWaitBehavior, cancellationToken);

    /// <summary>Waits until an instance of the resource runs, is healthy and ready.</summary>
    /// <param name="resourceName">Name of the resource; case does not matter.</param>
    /// <param name="waitBehavior">Whether to wait on when the resource fails.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The change with which it became ready.</returns>
    /// <exception cref="DistributedApplicationException">The behaviour is to stop, and the resource failed.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(
        string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var reached = await WaitForResourceAsync(
            resourceName,
            change => IsReady(change.Snapshot)
                || (waitBehavior == WaitBehavior.StopOnResourceUnavailable && IsUnavailable(change.Snapshot)),
            cancellationToken);
        if (!IsReady(reached.Snapshot))
        {
            throw new DistributedApplicationException(
                $"Stopped waiting for resource '{resourceName}' to become healthy because it failed to start.");
        }

        await reached.Snapshot.Ready!.WaitAsync(cancellationToken);
        return reached;
    }

    /// <summary>The present state of an instance.</summary>
    /// <param name="resourceId">The instance, or the name of a resource with one instance.</param>
    /// <param name="resourceEvent">Its last change.</param>
    /// <returns>Whether there is such an instance.</returns>
    public bool TryGetCurrentState(string resourceId, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        if (!_current.TryGetValue(resourceId, out resourceEvent))
        {
            var named = _current.Values.Where(change => change.IsNamed(resourceId)).Take(2).ToList();
            resourceEvent = named.Count == 1 ? named[0] : null;
        }

        return resourceEvent is not null;
    }

    /// <summary>Changes the state of a resource that has one instance, which bears its name.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="stateFactory">Makes the new snapshot from the present one.</param>
    /// <returns>A completed task.</returns>
    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return PublishUpdateAsync(resource, TryGetCurrentState(resource.Name, out var only) ? only.ResourceId : resource.Name, stateFactory);
    }

    /// <summary>Changes the state of one instance.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="resourceId">The instance.</param>
    /// <param name="stateFactory">Makes the new snapshot from the present one; called under a lock, so it must be quick.</param>
    /// <returns>A completed task.</returns>
    public Task PublishUpdateAsync(
        IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        Publish(resource, resourceId, stateFactory);
        return Task.CompletedTask;
    }

    /// <summary>Ends every watch.</summary>
    public void Dispose()
    {
        _ending.Cancel();
        _ending.Dispose();
    }

    internal static bool IsReady(CustomResourceSnapshot snapshot) => snapshot is { HealthStatus: HealthStatus.Healthy, Ready: not null };

    /// <summary>Whether the instance cannot become available without being started again.</summary>
    internal static bool IsUnavailable(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text is { } state
        && (KnownResourceStates.TerminalStates.Contains(state) || state == KnownResourceStates.RuntimeUnhealthy);

    internal CustomResourceSnapshot Publish(
        IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_gate)
        {
            var previous = _current.TryGetValue(resourceId, out var known)
                ? known.Snapshot
                : new CustomResourceSnapshot { ResourceType = resource.GetType().Name, Properties = [] };
            var change = new ResourceEvent(resource, resourceId, stateFactory(previous) with { Version = ++_version });
            _current[resourceId] = change;
            foreach (var watcher in _watchers)
            {
                watcher.TryWrite(change);
            }

            return change.Snapshot;
        }
    }
}
