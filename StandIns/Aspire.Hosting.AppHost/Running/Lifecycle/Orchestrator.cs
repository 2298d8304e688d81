using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Running.Health;
using Aspire.Hosting.Running.Processes;
using Aspire.Hosting.Running.Volumes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>Starts the resources of the application, each as soon as it can start, and ends all of them at the end.</summary>
internal sealed class Orchestrator(
    DistributedApplicationModel model,
    DistributedApplicationExecutionContext executionContext,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    IDistributedApplicationEventing eventing,
    HealthChecker healthChecker,
    IConfiguration configuration,
    IServiceProvider services,
    IDistributedApplicationBuilder appHost,
    TimeProvider time,
    ILogger<DistributedApplication> logger) : IHostedService, IAsyncDisposable
{
    /// <summary>Aspire's own key: public ports are random, as several app hosts side by side need it.</summary>
    public const string RandomizePortsKey = "DcpPublisher:RandomizePorts";

    private readonly Lazy<Lifeline> _lifeline = new(() => new Lifeline(time));
    private readonly List<ResourceRun> _runs = [];
    private readonly Lock _gate = new();
    private Task? _end;

    private bool RandomizePorts => configuration.GetValue(RandomizePortsKey, defaultValue: false);

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await eventing.PublishAsync(new BeforeStartEvent(services, model), cancellationToken);
        StopOrder.RefuseCircles(model.Resources);

        var context = new RunContext(
            services, executionContext, notifications, loggers, eventing, healthChecker, _lifeline.Value, time, logger, RandomizePorts,
            VolumeDirectories.Root(configuration), appHost.AppHostAssembly);
        foreach (var resource in model.Resources)
        {
            _runs.Add(new ResourceRun(resource, await ResourceEndpoints.AllocateAsync(resource, RandomizePorts, logger), context));
        }

        await AnnounceAsync(context, cancellationToken);
        await Task.WhenAll(_runs.Where(run => !run.StartsExplicitly).Select(run => run.StartAsync()));
        await eventing.PublishAsync(new AfterResourcesCreatedEvent(services, model), cancellationToken);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _end ??= Task.Run(EndAsync, CancellationToken.None);
        }
    }

    /// <summary>Also ends everything: a test may dispose of the application without having stopped it.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    /// <summary>The instance of that id, or all instances of the resource of that name; case does not matter.</summary>
    internal IReadOnlyList<ReplicaRunner> FindInstances(string nameOrId) =>
    [
        .. _runs.SelectMany(run => run.Replicas, (run, instance) => (run, instance))
            .Where(pair => string.Equals(pair.run.Resource.Name, nameOrId, StringComparison.OrdinalIgnoreCase)
                || string.Equals(pair.instance.Id, nameOrId, StringComparison.OrdinalIgnoreCase))
            .Select(pair => pair.instance),
    ];

    /// <summary>Shows every resource, tells the subscribers of its addresses, and ties children to their parents.</summary>
    private async Task AnnounceAsync(RunContext context, CancellationToken cancellationToken)
    {
        foreach (var run in _runs)
        {
            var parent = run.Resource is IResourceWithParent child ? _runs.Find(other => ReferenceEquals(other.Resource, child.Parent)) : null;
            parent?.AddChild(run);
            var initial = await SnapshotParts.InitialAsync(run.Resource, context.UtcNow);
            run.Introduce(initial with { State = run.StartsExplicitly ? KnownResourceStates.NotStarted : null });
        }

        foreach (var run in _runs)
        {
            if (run.Resource is IResourceWithEndpoints)
            {
                await eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(run.Resource, services), cancellationToken);
            }

            if (run.Resource is IResourceWithoutLifetime)
            {
                await ValueResources.ShowAsync(run, cancellationToken);
            }
        }

        foreach (var run in _runs.Where(run => run.Resource is IResourceWithConnectionString))
        {
            await eventing.PublishAsync(new ConnectionStringAvailableEvent(run.Resource, services), cancellationToken);
        }
    }

    private async Task EndAsync()
    {
        await StopOrder.StopAllAsync(_runs);
        await Task.WhenAll(_runs.Select(run => run.DisposeAsync().AsTask()));
        if (_lifeline.IsValueCreated)
        {
            await _lifeline.Value.DisposeAsync();
        }
    }
}
