using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Eventing;

/// <summary>Something that happened to the application.</summary>
public interface IDistributedApplicationEvent;

/// <summary>Something that happened to a resource.</summary>
public interface IDistributedApplicationResourceEvent : IDistributedApplicationEvent
{
    /// <summary>The resource.</summary>
    IResource Resource { get; }
}

/// <summary>Identifies a subscription, to end it.</summary>
/// <param name="eventType">Type of the events.</param>
public sealed class DistributedApplicationEventSubscription(Type eventType)
{
    /// <summary>Type of the events.</summary>
    public Type EventType { get; } = eventType;
}

/// <summary>Publishes and takes subscriptions to what happens to the application and its resources.</summary>
public interface IDistributedApplicationEventing
{
    /// <summary>Subscribes to all events of a type.</summary>
    /// <typeparam name="T">Type of the events.</typeparam>
    /// <param name="callback">Called for each; publishing waits for it.</param>
    /// <returns>The subscription.</returns>
    DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationEvent;

    /// <summary>Subscribes to the events of a type that concern one resource.</summary>
    /// <typeparam name="T">Type of the events.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <param name="callback">Called for each; publishing waits for it.</param>
    /// <returns>The subscription.</returns>
    DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationResourceEvent;

    /// <summary>Ends a subscription.</summary>
    /// <param name="subscription">The subscription.</param>
    void Unsubscribe(DistributedApplicationEventSubscription subscription);

    /// <summary>Calls the subscribers one after another, in the order in which they subscribed.</summary>
    /// <typeparam name="T">Type of the event.</typeparam>
    /// <param name="event">The event.</param>
    /// <param name="cancellationToken">Given to the subscribers.</param>
    /// <returns>A task that ends with the last subscriber; it fails with the first that fails.</returns>
    Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent;
}
