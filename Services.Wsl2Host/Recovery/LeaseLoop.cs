using Services.Wsl2Host.Instances;

namespace Services.Wsl2Host.Recovery;

/// <summary>Ends instances whose lease or life is over.</summary>
internal sealed partial class LeaseLoop(InstanceKeeper instances, TimeProvider time, ILogger<LeaseLoop> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = TimeSpan.FromSeconds(1);
            try
            {
                next = await instances.EndExpiredAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(failure);
            }

            await Task.Delay(next, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(3403, LogLevel.Error, "Looking for leases that are over failed")]
    private partial void LogFailed(Exception failure);
}
