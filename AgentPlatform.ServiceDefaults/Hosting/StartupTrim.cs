using Microsoft.Extensions.Hosting;

namespace AgentPlatform.ServiceDefaults.Hosting;

/// <summary>
/// Building a service (configuration, container, EF's model) leaves tens of megabytes of garbage that an idle service would keep, because
/// nothing makes it collect. Once, shortly after the start, it is given back to the machine.
/// </summary>
internal sealed class StartupTrim(IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        await Task.Delay(AfterStart, time, stoppingToken);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
