using Microsoft.Extensions.Options;
using Services.Wsl2Host.Commands;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Hosting;
using Services.Wsl2Host.Instances;
using Services.Wsl2Host.Status;

namespace Services.Wsl2Host.Recovery;

/// <summary>
/// The beginning and the end of this process: takes up what an earlier one left before anybody can ask, and, where everything is to end with it, ends everything.
/// </summary>
internal sealed partial class HostLifetime(
    InstanceKeeper instances,
    CommandRunner commands,
    IInstanceDriver driver,
    HostDirectories directories,
    HostIdentity identity,
    IOptions<Wsl2HostOptions> options,
    TimeProvider time,
    ILogger<HostLifetime> logger) : IHostedService, IDisposable
{
    private StateClaim? _claim;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _claim = await StateClaim.TakeAsync(directories, options.Value, time, cancellationToken);
        directories.Create();
        if (directories.Number > 1)
        {
            LogBeside(directories.First, directories.State);
        }

        identity.Load();
        instances.Fingerprint = await driver.FingerprintAsync(cancellationToken);
        if (!instances.Fingerprint.Ready)
        {
            foreach (var found in instances.Fingerprint.Shortcomings)
            {
                LogShortcoming(found.Code, found.Message, found.Cure);
            }

            return;
        }

        await instances.RecoverAsync(cancellationToken);
        if (!_claim.Kept)
        {
            // The one before was killed, or it would have left nothing.
            await instances.EndAllAsync("lifeline", cancellationToken);
        }

        commands.TakeUp();
        LogReady(driver.Name, instances.All.Count());
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_claim is { EndsNow: true } && instances.Fingerprint.Ready)
        {
            await instances.EndAllAsync("lifeline", cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _claim?.Dispose();

    [LoggerMessage(3401, LogLevel.Error, "This machine cannot hold instances ({Code}): {Message} {Cure}")]
    private partial void LogShortcoming(string code, string message, string cure);

    [LoggerMessage(3402, LogLevel.Information, "The {Driver} driver is ready; {Instances} instances were taken up again")]
    private partial void LogReady(string driver, int instances);

    [LoggerMessage(3406, LogLevel.Information, "Another app host uses {First}; this one's host keeps its state in {State} until it ends")]
    private partial void LogBeside(string first, string state);
}
