using Aspire.Hosting.Dashboard.Wire;
using Resource = Aspire.Hosting.Dashboard.Wire.Resource;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// The resources as they stand, and their changes for any number of watchers. What waits for a slow watcher is bounded by the
/// number of resources: of several changes of one resource it gets the last.
/// </summary>
internal sealed class ResourceFeed
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Resource> _resources = new(StringComparer.Ordinal);
    private readonly List<Watcher> _watchers = [];

    /// <summary>Takes the new form of a resource. The feed owns the message from here on.</summary>
    public void Upsert(Resource resource)
    {
        lock (_lock)
        {
            if (_resources.TryGetValue(resource.Name, out var known) && known.Equals(resource))
            {
                return;
            }

            _resources[resource.Name] = resource;
            Announce(resource.Name, new WatchResourcesChange { Upsert = resource });
        }
    }

    /// <summary>Takes a resource away: one that no longer exists, not one that only stopped.</summary>
    public void Delete(string resourceName)
    {
        lock (_lock)
        {
            if (_resources.Remove(resourceName, out var known))
            {
                var deletion = new ResourceDeletion { ResourceName = resourceName, ResourceType = known.ResourceType };
                Announce(resourceName, new WatchResourcesChange { Delete = deletion });
            }
        }
    }

    /// <summary>Whether there is a resource of that name.</summary>
    public bool Contains(string resourceName)
    {
        lock (_lock)
        {
            return _resources.ContainsKey(resourceName);
        }
    }

    /// <summary>Everything as it stands, and a watcher of every change from then on. Dispose the watcher.</summary>
    public (InitialResourceData Initial, Watcher Watcher) Watch()
    {
        lock (_lock)
        {
            var initial = new InitialResourceData();
            initial.Resources.Add(_resources.Values);
            initial.ResourceTypes.Add(_resources.Values.Select(static resource => resource.ResourceType).Distinct()
                .Select(static type => new ResourceType { UniqueName = type, DisplayName = type }));
            var watcher = new Watcher(this);
            _watchers.Add(watcher);
            return (initial, watcher);
        }
    }

    private void Announce(string resourceName, WatchResourcesChange change)
    {
        foreach (var watcher in _watchers)
        {
            watcher.Pending[resourceName] = change;
            watcher.Changed.TrySetResult();
        }
    }

    /// <summary>One reader's place in the feed.</summary>
    internal sealed class Watcher(ResourceFeed feed) : IDisposable
    {
        /// <summary>Changes that this reader has not had, by resource. Guarded by the feed's lock, as is <see cref="Changed"/>.</summary>
        internal Dictionary<string, WatchResourcesChange> Pending { get; } = new(StringComparer.Ordinal);

        internal TaskCompletionSource Changed { get; private set; } = NewSignal();

        /// <summary>Waits for the next changes; at least one.</summary>
        public async Task<WatchResourcesChanges> NextAsync(CancellationToken cancellationToken)
        {
            while (true)
            {
                Task changed;
                lock (feed._lock)
                {
                    if (Pending.Count > 0)
                    {
                        var changes = new WatchResourcesChanges();
                        changes.Value.Add(Pending.Values);
                        Pending.Clear();
                        Changed = NewSignal();
                        return changes;
                    }

                    changed = Changed.Task;
                }

                await changed.WaitAsync(cancellationToken);
            }
        }

        public void Dispose()
        {
            lock (feed._lock)
            {
                feed._watchers.Remove(this);
            }
        }

        private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
