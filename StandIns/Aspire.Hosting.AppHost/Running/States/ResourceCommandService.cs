using Aspire.Hosting.Running;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What came of a command.</summary>
public sealed class ExecuteCommandResult
{
    /// <summary>Whether it was carried out.</summary>
    public required bool Success { get; init; }

    /// <summary>Whether it was given up before it was carried out.</summary>
    public bool Canceled { get; init; }

    /// <summary>Why it was not carried out.</summary>
    public string? Message { get; init; }
}

/// <summary>Carries out commands on resources.</summary>
public sealed class ResourceCommandService
{
    private readonly Orchestrator _orchestrator;

    internal ResourceCommandService(Orchestrator orchestrator) => _orchestrator = orchestrator;

    /// <summary>Carries out a command.</summary>
    /// <param name="resource">The resource; with several instances, all of them.</param>
    /// <param name="commandName">One of <see cref="KnownResourceCommands"/>.</param>
    /// <param name="cancellationToken">Gives the command up.</param>
    /// <returns>What came of it.</returns>
    public Task<ExecuteCommandResult> ExecuteCommandAsync(
        IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return ExecuteCommandAsync(resource.Name, commandName, cancellationToken);
    }

    /// <summary>Carries out a command.</summary>
    /// <param name="resourceId">An instance, or the name of a resource, which means all its instances.</param>
    /// <param name="commandName">One of <see cref="KnownResourceCommands"/>.</param>
    /// <param name="cancellationToken">Gives the command up.</param>
    /// <returns>What came of it.</returns>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(resourceId);
        ArgumentException.ThrowIfNullOrEmpty(commandName);
        var instances = _orchestrator.FindInstances(resourceId);
        if (instances.Count == 0)
        {
            return Failure($"Resource '{resourceId}' not found, or it is not a process.");
        }

        Func<ReplicaRunner, Task<bool>>? carryOut = KnownResourceCommands.Normalize(commandName) switch
        {
            "start" => instance => instance.StartAsync(),
            "stop" => instance => instance.StopAsync(),
            "restart" => RestartAsync,
            _ => null,
        };
        if (carryOut is null)
        {
            return Failure($"Command '{commandName}' not available for resource '{resourceId}'.");
        }

        try
        {
            var done = await Task.WhenAll(instances.Select(carryOut)).WaitAsync(cancellationToken);
            return done.Contains(true)
                ? new ExecuteCommandResult { Success = true }
                : Failure($"Command '{commandName}' changes nothing in the present state of resource '{resourceId}'.");
        }
        catch (OperationCanceledException)
        {
            return new ExecuteCommandResult { Success = false, Canceled = true };
        }
    }

    private static async Task<bool> RestartAsync(ReplicaRunner instance)
    {
        await instance.StopAsync();
        return await instance.StartAsync();
    }

    private static ExecuteCommandResult Failure(string message) => new() { Success = false, Message = message };
}
