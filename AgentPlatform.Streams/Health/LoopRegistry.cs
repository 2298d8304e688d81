using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AgentPlatform.Streams;

/// <summary>The background loops of this process. The health check <c>loops</c> reports those that are stale or faulted.</summary>
/// <param name="time">The clock of the heartbeats.</param>
public sealed class LoopRegistry(TimeProvider time) : IHealthCheck
{
    private readonly ConcurrentDictionary<string, LoopHeartbeat> _loops = new(StringComparer.Ordinal);

    /// <summary>Takes up a loop. A second one of the same name replaces the first.</summary>
    /// <param name="name">How the report calls it, such as <c>intake:scheduler</c>.</param>
    /// <param name="silenceMax">How long it may be silent; a few times its longest regular pause.</param>
    public LoopHeartbeat Register(string name, TimeSpan silenceMax) => _loops[name] = new LoopHeartbeat(name, silenceMax, time);

    /// <summary>Forgets a loop that has ended as it should.</summary>
    public void Unregister(LoopHeartbeat loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        _loops.TryRemove(new KeyValuePair<string, LoopHeartbeat>(loop.Name, loop));
    }

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var faults = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var loop in _loops.Values)
        {
            if (loop.Fault() is { } fault)
            {
                faults[loop.Name] = fault;
            }
        }

        return Task.FromResult(faults.Count == 0
            ? HealthCheckResult.Healthy($"{_loops.Count} loops run")
            : HealthCheckResult.Degraded(string.Join("; ", faults.Select(fault => $"{fault.Key} {fault.Value}")), data: faults));
    }
}
