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
    /// <summary>What an earlier process left behind may take a moment to end.</summary>
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(50);

    private FileStream? _lock;
    private Lifeline? _lifeline;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        directories.Create();
        _lock = await LockAsync(cancellationToken);
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
        if (options.Value.Lifeline)
        {
            // The one before was killed, or it would have left nothing.
            await instances.EndAllAsync("lifeline", cancellationToken);
            _lifeline = Lifeline.Hold(directories, options.Value, _lock);
        }

        commands.TakeUp();
        LogReady(driver.Name, instances.All.Count());
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Lifeline && instances.Fingerprint.Ready)
        {
            await instances.EndAllAsync("lifeline", cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lifeline?.Dispose();
        _lock?.Dispose();
    }

    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        var path = Path.Combine(directories.State, "lock");
        var begun = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException failure) when (time.GetElapsedTime(begun) > LockTimeout)
            {
                throw new InvalidOperationException(
                    $"Another host uses {directories.State}. Give this one a {Wsl2HostOptions.Section}:StateDirectory of its own.", failure);
            }
            catch (IOException)
            {
                await Task.Delay(LockPoll, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(3401, LogLevel.Error, "This machine cannot hold instances ({Code}): {Message} {Cure}")]
    private partial void LogShortcoming(string code, string message, string cure);

    [LoggerMessage(3402, LogLevel.Information, "The {Driver} driver is ready; {Instances} instances were taken up again")]
    private partial void LogReady(string driver, int instances);
}
