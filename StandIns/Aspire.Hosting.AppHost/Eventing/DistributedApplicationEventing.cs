using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Eventing;

internal sealed class DistributedApplicationEventing : IDistributedApplicationEventing
{
    private readonly Lock _gate = new();
    private readonly List<(DistributedApplicationEventSubscription Subscription, Func<object, CancellationToken, Task> Callback)> _subscribers = [];

    public DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationEvent
    {
        ArgumentNullException.ThrowIfNull(callback);
        var subscription = new DistributedApplicationEventSubscription(typeof(T));
        lock (_gate)
        {
            _subscribers.Add((subscription, (@event, cancellationToken) => callback((T)@event, cancellationToken)));
        }

        return subscription;
    }

    public DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationResourceEvent
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(callback);
        return Subscribe<T>((@event, cancellationToken) =>
            ReferenceEquals(@event.Resource, resource) ? callback(@event, cancellationToken) : Task.CompletedTask);
    }

    public void Unsubscribe(DistributedApplicationEventSubscription subscription)
    {
        lock (_gate)
        {
            _subscribers.RemoveAll(subscriber => ReferenceEquals(subscriber.Subscription, subscription));
        }
    }

    public async Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent
    {
        ArgumentNullException.ThrowIfNull(@event);
        List<Func<object, CancellationToken, Task>> callbacks;
        lock (_gate)
        {
            callbacks = [.. _subscribers.Where(subscriber => subscriber.Subscription.EventType == typeof(T)).Select(subscriber => subscriber.Callback)];
        }

        foreach (var callback in callbacks)
        {
            await callback(@event, cancellationToken);
        }
    }
}
