using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentPlatform.ServiceDefaults.Hosting;

/// <summary>
/// The order of a stop: readiness turns bad, the listener stays open while load balancers take notice, then requests under way are given
/// the rest of the time. Nothing here ends a long stream; those watch <see cref="IHostApplicationLifetime.ApplicationStopping"/>.
/// </summary>
internal sealed class DrainState(IHostApplicationLifetime lifetime, IOptions<ShutdownOptions> options, TimeProvider time) : IHealthCheck, IHostedLifecycleService
{
    // A signal stops the application before it stops the host; a host that is stopped by itself does so the other way round.
    private volatile bool _stopping;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        _stopping || lifetime.ApplicationStopping.IsCancellationRequested
            ? HealthCheckResult.Unhealthy("The service is stopping.")
            : HealthCheckResult.Healthy());

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        return Task.Delay(options.Value.NoticeDelay, time, cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
