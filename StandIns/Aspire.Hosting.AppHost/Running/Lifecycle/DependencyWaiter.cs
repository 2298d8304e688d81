using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>Waits, before a resource starts, for what it depends on.</summary>
internal sealed partial class DependencyWaiter(ResourceNotificationService notifications)
{
    /// <summary>Whether the resource has anything to wait for.</summary>
    public static bool HasDependencies(IResource resource) => Dependencies(resource).Any();

    /// <summary>Waits for all dependencies, at the same time.</summary>
    /// <exception cref="DistributedApplicationException">One of them can no longer become what is waited for.</exception>
    public async Task WaitAsync(IResource resource, ILogger logger, CancellationToken cancellationToken)
    {
        // The first failure ends the wait for the others: the resource will not start whatever they do.
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waits = Dependencies(resource).Select(wait => WaitOneAsync(wait, logger, failed.Token)).ToList();
        while (waits.Count > 0)
        {
            var ended = await Task.WhenAny(waits);
            waits.Remove(ended);
            try
            {
                await ended;
            }
            catch
            {
                await failed.CancelAsync();
                throw;
            }
        }
    }

    private static IEnumerable<WaitAnnotation> Dependencies(IResource resource) =>
        resource.Annotations.OfType<WaitAnnotation>().Where(wait => wait.Resource is not IResourceWithoutLifetime);

    private async Task WaitOneAsync(WaitAnnotation wait, ILogger logger, CancellationToken cancellationToken)
    {
        var instances = wait.Resource.InstanceIds();
        await Task.WhenAll(instances.Select(instance => wait.WaitType == WaitType.Completed
            ? WaitForCompletionAsync(wait, instance, logger, cancellationToken)
            : WaitForAvailabilityAsync(wait, instance, logger, cancellationToken)));
        Log.WaitFinished(logger, wait.Resource.Name);
    }

    private async Task WaitForAvailabilityAsync(WaitAnnotation wait, string instance, ILogger logger, CancellationToken cancellationToken)
    {
        var stops = (wait.WaitBehavior ?? notifications.DefaultWaitBehavior) == WaitBehavior.StopOnResourceUnavailable;

        Log.WaitingForState(logger, instance, KnownResourceStates.Running);
        await UntilAsync(snapshot => snapshot.State?.Text == KnownResourceStates.Running);
        if (wait.WaitType == WaitType.Started)
        {
            return;
        }

        Log.WaitingForHealth(logger, instance);
        await UntilAsync(snapshot => snapshot.HealthStatus == HealthStatus.Healthy);
        var ready = await UntilAsync(snapshot => snapshot.Ready is not null);
        await ready.Ready!.WaitAsync(cancellationToken);

        async Task<CustomResourceSnapshot> UntilAsync(Func<CustomResourceSnapshot, bool> condition)
        {
            var reached = await notifications.WaitForResourceAsync(
                instance,
                change => condition(change.Snapshot) || (stops && ResourceNotificationService.IsUnavailable(change.Snapshot)),
                cancellationToken);
            return condition(reached.Snapshot) ? reached.Snapshot : throw Unavailable(instance, reached.Snapshot);
        }
    }

    private async Task WaitForCompletionAsync(WaitAnnotation wait, string instance, ILogger logger, CancellationToken cancellationToken)
    {
        Log.WaitingForCompletion(logger, instance);
        var change = await notifications.WaitForResourceAsync(
            instance, change => ResourceNotificationService.IsUnavailable(change.Snapshot), cancellationToken);
        var snapshot = change.Snapshot;
        var state = snapshot.State?.Text;
        if (state == KnownResourceStates.FailedToStart || state == KnownResourceStates.RuntimeUnhealthy)
        {
            throw Unavailable(instance, snapshot);
        }

        if (snapshot.ExitCode is { } exitCode && exitCode != wait.ExitCode)
        {
            throw new DistributedApplicationException(
                $"Resource '{instance}' has entered the '{state}' state with exit code '{exitCode}', expected '{wait.ExitCode}'.");
        }
    }

    private static DistributedApplicationException Unavailable(string instance, CustomResourceSnapshot snapshot) =>
        new(snapshot.State?.Text == KnownResourceStates.FailedToStart
            ? $"Dependency resource '{instance}' failed to start."
            : $"Resource '{instance}' has entered the '{snapshot.State?.Text}' state prematurely.");

    private static partial class Log
    {
        [LoggerMessage(8130, LogLevel.Information, "Waiting for resource '{ResourceName}' to enter the '{State}' state.")]
        public static partial void WaitingForState(ILogger logger, string resourceName, string state);

        [LoggerMessage(8131, LogLevel.Information, "Waiting for resource '{ResourceName}' to become healthy.")]
        public static partial void WaitingForHealth(ILogger logger, string resourceName);

        [LoggerMessage(8132, LogLevel.Information, "Waiting for resource '{ResourceName}' to complete.")]
        public static partial void WaitingForCompletion(ILogger logger, string resourceName);

        [LoggerMessage(8133, LogLevel.Information, "Finished waiting for resource '{ResourceName}'.")]
        public static partial void WaitFinished(ILogger logger, string resourceName);
    }
}
