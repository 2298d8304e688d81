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
            // A silent host may be restarting, and what runs in the instance goes on: only when its lease must have ended is it lost.
            if (await TryCreateAsync(job, known, instance, options.CurrentValue.InstanceLease, cancellationToken))
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
            if (await TryCreateAsync(job, host, fresh, patience: default, cancellationToken))
            {
                return;
            }
        }

        throw new RunFaultException(FaultCategory.Transient, "no host has room for another instance");
    }

    private async Task NoteAsync(RunJob job, HostId host, InstanceId instance, CancellationToken cancellationToken)
    {
        var outcome = await runs.ApplyAsync(job.Run.Id, new RunCommand.Place(job.Generation, host, instance), cancellationToken);
        job.Run = outcome is { Run: { } placed, Refusal: null } ? placed : throw new StaleGenerationException(job.Run.Id, job.Generation);
    }

    /// <returns>False if this host cannot hold the instance: it is full, silent, or has lost it.</returns>
    private async Task<bool> TryCreateAsync(RunJob job, HostRow host, InstanceId instance, TimeSpan patience, CancellationToken cancellationToken)
    {
        var lease = options.CurrentValue.InstanceLease;
        var request = new CreateInstanceRequest(
            instance, InstanceOwner.Of(job.Run.Id), job.Owner, job.Generation, (int)lease.TotalSeconds, Limits(job.Workflow.Limits));
        try
        {
            var made = await hosts.For(new Uri(host.Url), patience).CreateInstanceAsync(request, cancellationToken);
            if (made.State is not InstanceState.Running)
            {
                return false;
            }

            (job.Host, job.Instance) = (hosts.For(new Uri(host.Url), lease), instance);
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
