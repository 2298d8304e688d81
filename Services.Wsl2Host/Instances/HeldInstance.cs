using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Drivers;

namespace Services.Wsl2Host.Instances;

/// <summary>An instance that holds a place here.</summary>
/// <param name="record">What is written down of it.</param>
/// <param name="directory">Where.</param>
internal sealed class HeldInstance(InstanceRecord record, string directory) : IDisposable
{
    /// <summary>Held by whoever changes it.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    public InstanceId Id => Record.Id;

    public InstanceRecord Record { get; private set; } = record;

    /// <summary>Completes when it was made; faulted if it could not be.</summary>
    public TaskCompletionSource Made { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Changes what is written down.</summary>
    public void Change(Func<InstanceRecord, InstanceRecord> change)
    {
        var changed = change(Record);
        changed.Write(directory);
        Record = changed;
    }

    /// <summary>Lets a call of this generation through: an older one is refused, a newer one takes the instance over.</summary>
    public void Fence(long generation)
    {
        if (generation < Record.Generation)
        {
            throw HostRefusal.Conflict(
                HostProblemCodes.StaleGeneration, $"Instance {Id} is at generation {Record.Generation}; this call is of generation {generation}.");
        }

        if (generation > Record.Generation)
        {
            Change(record => record with { Generation = generation });
        }
    }

    /// <summary>Refuses unless commands can run.</summary>
    public void MustRun()
    {
        if (Record.State != InstanceState.Running)
        {
            throw HostRefusal.Conflict(HostProblemCodes.InstanceEnded, $"Instance {Id} is {Record.State.ToString().ToLowerInvariant()}.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Gate.Dispose();
}
