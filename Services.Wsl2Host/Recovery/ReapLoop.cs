using Microsoft.Extensions.Options;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Hosting;
using Services.Wsl2Host.Instances;

namespace Services.Wsl2Host.Recovery;

/// <summary>Removes what belongs to no instance, after a grace.</summary>
internal sealed partial class ReapLoop(
    InstanceKeeper instances, IInstanceDriver driver, IOptions<Wsl2HostOptions> options, TimeProvider time, ILogger<ReapLoop> logger) : BackgroundService
{
    private string _reported = "";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await PollOnceAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(failure);
            }

            await Task.Delay(options.Value.ReapInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    internal async Task PollOnceAsync(CancellationToken cancellationToken)
    {
        if (!instances.Fingerprint.Ready)
        {
            return;
        }

        var found = string.Join(", ", await driver.ReapAsync(options.Value.ReapGrace, options.Value.ReapDryRun, cancellationToken));

        // Only what is new: a dry run finds the same again and again.
        if (found.Length > 0 && found != _reported)
        {
            LogReaped(options.Value.ReapDryRun ? "Would remove" : "Removed", found);
        }

        _reported = found;
    }

    [LoggerMessage(3404, LogLevel.Warning, "{What} what belongs to no instance: {Found}")]
    private partial void LogReaped(string what, string found);

    [LoggerMessage(3405, LogLevel.Error, "Looking for what belongs to no instance failed")]
    private partial void LogFailed(Exception failure);
}
