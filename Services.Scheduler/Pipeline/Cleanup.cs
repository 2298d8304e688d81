using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.HostCalls;
using Microsoft.EntityFrameworkCore;
using Services.Scheduler.Hosts;
using Services.Scheduler.Runs;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Pipeline;

/// <summary>Removes the instance of a concluded run, and notes that it is gone. Whatever fails here is tried again by the reconcile.</summary>
internal sealed partial class Cleanup(IServiceScopeFactory scopes, HostRegistry registry, HostClients hosts, TimeProvider time, ILogger<Cleanup> logger)
{
    public async Task TryAsync(RunRow run, CancellationToken cancellationToken)
    {
        if (run.CleanedAt is not null)
        {
            return;
        }

        if (run is { Host: { } hostId, Instance: { } instance } && await registry.FindAsync(hostId, cancellationToken) is { } host)
        {
            try
            {
                await hosts.For(new Uri(host.Url)).DestroyInstanceAsync(instance, run.Generation, cancellationToken);
            }
            catch (HostCallException error) when (!error.IsGone)
            {
                Log.NotRemoved(logger, instance, error.Message);

                // A machine that is gone for good removes nothing; its leases have ended by themselves by then.
                if (time.GetUtcNow() - run.ConcludedAt < TimeSpan.FromHours(1))
                {
                    return;
                }
            }
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        await db.Runs.Where(row => row.Id == run.Id).ExecuteUpdateAsync(row => row.SetProperty(item => item.CleanedAt, time.GetUtcNow()), cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(2204, LogLevel.Warning, "{Instance} could not be removed yet: {Reason}")]
        public static partial void NotRemoved(ILogger logger, InstanceId instance, string reason);
    }
}
