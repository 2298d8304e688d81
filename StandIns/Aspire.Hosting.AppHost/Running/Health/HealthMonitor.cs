using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Running.Health;

/// <summary>
/// Checks the health of one resource for as long as an instance of it runs, and says once for each such time that it is ready.
/// </summary>
/// <param name="resource">The resource.</param>
/// <param name="checker">Runs the checks.</param>
/// <param name="time">Clock of the pauses.</param>
/// <param name="makeReady">Calls the subscribers to the resource's readiness.</param>
/// <param name="publish">Tells the instances that <see cref="Apply"/> has something new.</param>
internal sealed class HealthMonitor(
    IResource resource,
    HealthChecker checker,
    TimeProvider time,
    Func<CancellationToken, Task> makeReady,
    Action publish) : IAsyncDisposable
{
    private readonly IReadOnlyList<string> _keys = HealthChecker.Keys(resource);
    private readonly Lock _gate = new();
    private ImmutableArray<HealthReportSnapshot> _reports = Unknown(resource);
    private Task? _ready;
    private CancellationTokenSource? _running;
    private Task _loop = Task.CompletedTask;

    /// <summary>Adds what is known about the health to a snapshot.</summary>
    public CustomResourceSnapshot Apply(CustomResourceSnapshot snapshot)
    {
        lock (_gate)
        {
            return snapshot with { HealthReports = _reports, Ready = _ready };
        }
    }

    /// <summary>An instance runs: begins to check unless that is being done already.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_running is null)
            {
                _running = new CancellationTokenSource();
                var previous = _loop;
                var stopping = _running.Token;
                _loop = Task.Run(() => RunAsync(previous, stopping), CancellationToken.None);
            }
        }
    }

    /// <summary>No instance runs any more: what was known is forgotten.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _running?.Cancel();
            _running?.Dispose();
            _running = null;
            _reports = Unknown(resource);
            _ready = null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Stop();
        await _loop;
    }

    private static ImmutableArray<HealthReportSnapshot> Unknown(IResource resource) =>
        [.. HealthChecker.Keys(resource).Select(key => new HealthReportSnapshot(key, null, null, null))];

    private async Task RunAsync(Task previous, CancellationToken stopping)
    {
        await previous;
        var schedule = new HealthSchedule();
        try
        {
            while (true)
            {
                var healthy = await CheckOnceAsync(stopping);
                if (_keys.Count == 0)
                {
                    return;
                }

                await Task.Delay(schedule.Next(healthy), time, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The resource does not run any more.
        }
    }

    private async Task<bool> CheckOnceAsync(CancellationToken stopping)
    {
        var reports = await checker.CheckAsync(resource, stopping);
        var healthy = reports.All(report => report.Status == HealthStatus.Healthy);
        lock (_gate)
        {
            stopping.ThrowIfCancellationRequested();
            _reports = [.. reports];
            if (healthy)
            {
                _ready ??= makeReady(stopping);
            }
        }

        publish();
        return healthy;
    }
}
