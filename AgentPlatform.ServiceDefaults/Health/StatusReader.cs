using AgentPlatform.Contracts;
using Microsoft.Extensions.Logging;

namespace AgentPlatform.ServiceDefaults.Health;

/// <summary>This service's own status: every dependency asked at once, each for a bounded time. A failure is shown, not thrown.</summary>
public sealed partial class StatusReader(ServiceInfo service, IEnumerable<IDependencyProbe> probes, TimeProvider time, ILogger<StatusReader> logger)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>Asks everything that the service needs.</summary>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<ServiceStatus> ReadAsync(CancellationToken cancellationToken)
    {
        var dependencies = await Task.WhenAll(probes.Select(probe => ReadAsync(probe, cancellationToken)));
        return new ServiceStatus(service.Name, service.Version, Array.TrueForAll(dependencies, dependency => dependency.Healthy), dependencies);
    }

    private async Task<DependencyStatus> ReadAsync(IDependencyProbe probe, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var began = time.GetTimestamp();
        var healthy = true;
        try
        {
            await probe.ProbeAsync(either.Token).WaitAsync(either.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            healthy = false;
            Log.DependencyFailed(logger, probe.Name, exception.GetType().Name);
        }

        return new DependencyStatus(probe.Name, healthy, Math.Round(time.GetElapsedTime(began).TotalMilliseconds, 2));
    }

    private static partial class Log
    {
        [LoggerMessage(6101, LogLevel.Warning, "{Dependency} gave no good answer: {Fault}")]
        public static partial void DependencyFailed(ILogger logger, string dependency, string fault);
    }
}
