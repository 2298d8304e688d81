using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Running.Health;
using Aspire.Hosting.Running.Programs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>One resource while the application runs: its instances, addresses, health, and what lives inside it.</summary>
internal sealed partial class ResourceRun : IAsyncDisposable
{
    private readonly IProgram? _program;
    private readonly HealthMonitor _health;
    private readonly List<ResourceRun> _children = [];
    private readonly HashSet<string> _running = [];
    private readonly Lock _gate = new();
    private Task? _beforeStart;

    public ResourceRun(IResource resource, ResourceEndpoints endpoints, RunContext context)
    {
        Resource = resource;
        Endpoints = endpoints;
        Context = context;
        _program = ProgramOf(resource);
        Replicas = _program is null ? [] : [.. resource.InstanceIds().Select((id, index) => new ReplicaRunner(this, id, index, _program))];
        _health = new HealthMonitor(resource, context.HealthChecker, context.Time, MakeReadyAsync, PublishHealth);
    }

    public IResource Resource { get; }

    public ResourceEndpoints Endpoints { get; }

    public RunContext Context { get; }

    /// <summary>The processes; none for a resource that is not a process.</summary>
    public IReadOnlyList<ReplicaRunner> Replicas { get; }

    /// <summary>Whether the resource is started by a person, not with the application.</summary>
    public bool StartsExplicitly => Resource.Annotations.OfType<ExplicitStartupAnnotation>().Any();

    /// <summary>Adds a resource that lives inside this one, and so has its state.</summary>
    public void AddChild(ResourceRun child) => _children.Add(child);

    /// <summary>Shows the resource before anything happens to it.</summary>
    public void Introduce(CustomResourceSnapshot initial)
    {
        foreach (var id in Resource.InstanceIds())
        {
            Publish(id, _ => initial);
        }
    }

    /// <summary>Starts all instances, or those with the given ids, each as soon as what it waits for is there.</summary>
    public Task StartAsync() => Task.WhenAll(Replicas.Select(replica => replica.StartAsync()));

    /// <summary>Stops all instances.</summary>
    public Task StopAsync() => Task.WhenAll(Replicas.Select(replica => replica.StopAsync()));

    /// <summary>Tells the subscribers, once for all instances that start together.</summary>
    public Task BeforeStartAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // A failure before is not held against the next start.
            _beforeStart = _beforeStart is { IsFaulted: false, IsCanceled: false } ? _beforeStart : null;
            return _beforeStart ??= Context.Eventing.PublishAsync(
                new BeforeResourceStartedEvent(Resource, Context.Services), cancellationToken);
        }
    }

    /// <summary>Computes the environment and the arguments of an instance.</summary>
    public Task<InstanceConfiguration> ConfigureAsync(
        string instanceId, IReadOnlyDictionary<string, int> targetPorts, ILogger logger, CancellationToken cancellationToken) =>
        InstanceConfiguration.ComputeAsync(
            Resource, instanceId, targetPorts, Telemetry(instanceId), Context.ExecutionContext, logger, cancellationToken);

    /// <summary>Changes the state of an instance, and with it what follows from that: health checks, commands, children.</summary>
    public void Publish(string id, Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
    {
        lock (_gate)
        {
            var snapshot = Context.Notifications.Publish(Resource, id, previous => Complete(id, change(previous)));
            foreach (var child in _children)
            {
                child.Follow(snapshot);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _health.DisposeAsync();
        await Endpoints.DisposeAsync();
        foreach (var replica in Replicas)
        {
            replica.Dispose();
        }

        (_program as IDisposable)?.Dispose();
    }

    private IEnumerable<(string Name, string Value)> Telemetry(string instanceId) =>
        Context.Services.GetRequiredService<OtlpVariables>().For(Resource, instanceId);

    private static IProgram? ProgramOf(IResource resource) =>
        resource.Annotations.OfType<ProgramAnnotation>().LastOrDefault()?.Program
        ?? resource switch
        {
            ProjectResource project => new ProjectProgram(project),
            ExecutableResource executable => new ExecutableProgram(executable),
            ContainerResource container => new ContainerProgram(container),
            _ => null,
        };

    private CustomResourceSnapshot Complete(string id, CustomResourceSnapshot snapshot)
    {
        var runs = snapshot.State?.Text == KnownResourceStates.Running;
        if (runs && _running.Add(id))
        {
            _health.Start();
        }
        else if (!runs && _running.Remove(id) && _running.Count == 0)
        {
            _health.Stop();
            _beforeStart = null;
        }

        return _health.Apply(snapshot) with
        {
            Commands = SnapshotParts.Commands(Replicas.Count > 0, snapshot.State?.Text),
            Urls = [.. snapshot.Urls.Select(url => url with { IsInactive = !runs })],
        };
    }

    /// <summary>A database runs when its server does.</summary>
    private void Follow(CustomResourceSnapshot parent)
    {
        Publish(Resource.InstanceIds()[0], snapshot => snapshot with
        {
            State = parent.State,
            StartTimeStamp = parent.StartTimeStamp,
            StopTimeStamp = parent.StopTimeStamp,
            ExitCode = parent.ExitCode,
        });
    }

    private async Task MakeReadyAsync(CancellationToken cancellationToken)
    {
        // The caller holds a lock, and the subscribers may do anything.
        await Task.Yield();
        try
        {
            await Context.Eventing.PublishAsync(new ResourceReadyEvent(Resource, Context.Services), cancellationToken);
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            Log.ReadyFailed(Context.Logger, ex, Resource.Name);
            throw;
        }
    }

    private void PublishHealth()
    {
        foreach (var id in Resource.InstanceIds())
        {
            Publish(id, snapshot => snapshot);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8143, LogLevel.Error, "Resource '{ResourceName}' is healthy, but what has to be done when it is ready has failed")]
        public static partial void ReadyFailed(ILogger logger, Exception exception, string resourceName);
    }
}
