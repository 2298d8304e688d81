using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Failpoints;
using AgentPlatform.ServiceDefaults.HostCalls;
using Microsoft.Extensions.Options;
using Services.Scheduler.Hosts;
using Services.Scheduler.Policies;
using Services.Scheduler.Runs;
using Services.Scheduler.Steps;
using Services.Scheduler.Workers;

namespace Services.Scheduler.Pipeline;

/// <summary>
/// Finds the run an instance. Where and which is on the run's row before the host is asked, so that a worker that takes over asks
/// the same host for the same instance and gets the one that is there.
/// </summary>
internal sealed class Provisioning(
    HostRegistry registry, HostClients hosts, RunStore runs, StepStore steps, IOptionsMonitor<WorkerOptions> options, TimeProvider time)
{
    private const long Megabyte = 1024 * 1024;

    public async Task EnsureAsync(RunJob job, CancellationToken cancellationToken)
    {
        if (job.Run is { Host: { } hostId, Instance: { } instance } && await registry.FindAsync(hostId, cancellationToken) is { } known)
        {
            if (await TryTakeOverAsync(job, known, instance, cancellationToken))
            {
                return;
            }

            await steps.ResetAsync(job.Run.Id, job.Generation, cancellationToken);
        }

        foreach (var host in await registry.RoomyAsync(cancellationToken))
        {
            var fresh = InstanceId.New(time);
            await NoteAsync(job, host.Id, fresh, cancellationToken);
            await Failpoint.PassAsync(FailpointNames.RunPlaced);
            if (await TryCreateAsync(job, host, fresh, cancellationToken))
            {
                return;
            }
        }

        throw new RunFaultException(FaultCategory.Transient, "no host has room for another instance");
    }

    private async Task NoteAsync(RunJob job, HostId host, InstanceId instance, CancellationToken cancellationToken)
    {
        var outcome = await runs.ApplyAsync(job.Run, new RunCommand.Place(job.Generation, host, instance), cancellationToken);
        job.Run = outcome is { Run: { } placed, Refusal: null } ? placed : throw new StaleGenerationException(job.Run.Id, job.Generation);
    }

    /// <summary>
    /// Takes over the instance that an earlier worker had. It is never made again: an empty one in its place would lack what earlier steps did.
    /// A silent host may be restarting, and what runs in the instance goes on; only when its lease must have ended is it lost.
    /// </summary>
    private async Task<bool> TryTakeOverAsync(RunJob job, HostRow host, InstanceId instance, CancellationToken cancellationToken)
    {
        var lease = options.CurrentValue.InstanceLease;
        var client = hosts.For(new Uri(host.Url), lease);
        return await TryAsync(job, client, instance, () => client.RenewLeaseAsync(
            instance, new RenewLeaseRequest(job.Generation, (int)lease.TotalSeconds), cancellationToken));
    }

    private async Task<bool> TryCreateAsync(RunJob job, HostRow host, InstanceId instance, CancellationToken cancellationToken)
    {
        var lease = options.CurrentValue.InstanceLease;
        var request = new CreateInstanceRequest(
            instance, InstanceOwner.Of(job.Run.Id), job.Owner, job.Generation, (int)lease.TotalSeconds, Limits(job.Workflow.Limits));
        return await TryAsync(
            job, hosts.For(new Uri(host.Url), lease), instance, () => hosts.For(new Uri(host.Url)).CreateInstanceAsync(request, cancellationToken));
    }

    /// <returns>False if this host cannot hold the instance: it is full, silent, or has lost it.</returns>
    private static async Task<bool> TryAsync(RunJob job, HostClient client, InstanceId instance, Func<Task<HostInstance>> ask)
    {
        try
        {
            if (await ask() is not { State: InstanceState.Running })
            {
                return false;
            }

            (job.Host, job.Instance) = (client, instance);
            return true;
        }
        catch (HostCallException error) when (error.IsGone || error.Category is FaultCategory.Transient or FaultCategory.Infrastructure)
        {
            return false;
        }
    }

    private static InstanceLimits Limits(WorkflowLimits limits) => new(
        limits.MemoryMegabytes * Megabyte, (int)(limits.Cpus * 1000), limits.ProcessesMax, limits.DiskMegabytes * Megabyte, (int)limits.Total.TotalSeconds);
}
