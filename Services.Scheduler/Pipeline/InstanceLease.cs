using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.ServiceDefaults.HostCalls;

namespace Services.Scheduler.Pipeline;

/// <summary>Holds the instance for as long as its run is driven here. If it cannot, the stages find out by their own calls.</summary>
internal sealed partial class InstanceLease : IDisposable
{
    private readonly CancellationTokenSource _done = new();

    public InstanceLease(RunJob job, TimeSpan lease, TimeProvider time, ILogger logger) => _ = RenewAsync(job, lease, time, logger, _done.Token);

    public void Dispose() => _done.Cancel();

    private static async Task RenewAsync(RunJob job, TimeSpan lease, TimeProvider time, ILogger logger, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(lease / 4, time, done);
                await job.Host.RenewLeaseAsync(job.Instance, new RenewLeaseRequest(job.Generation, (int)lease.TotalSeconds), done);
            }
            catch (OperationCanceledException) when (done.IsCancellationRequested)
            {
                return;
            }
            catch (HostCallException error)
            {
                Log.NotRenewed(logger, job.Instance, error.Message);
                if (error.IsGone || error.IsStale)
                {
                    return;
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2203, LogLevel.Warning, "{Instance} was not renewed: {Reason}")]
        public static partial void NotRenewed(ILogger logger, InstanceId instance, string reason);
    }
}
