namespace Services.Wsl2Host.Workspaces;

/// <summary>Keeps mirrors and checkouts within their bounds.</summary>
internal sealed partial class EvictionLoop(WorkspaceMaker workspaces, TimeProvider time, ILogger<EvictionLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                workspaces.Evict();
            }
            catch (IOException failure)
            {
                LogFailed(failure);
            }
        }
    }

    [LoggerMessage(3621, LogLevel.Error, "Making room among mirrors and checkouts failed")]
    private partial void LogFailed(Exception failure);
}
