using System.Collections.Concurrent;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.ServiceDefaults.Failpoints;
using Microsoft.Extensions.Options;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Instances;

/// <summary>
/// The instances of this host: admits them, fences them by generation, keeps their leases, and ends them. What drivers do not know is decided here.
/// </summary>
internal sealed partial class InstanceKeeper(
    IInstanceDriver driver,
    HostDirectories directories,
    EndedInstances ended,
    IInstanceDoors doors,
    IOptions<Wsl2HostOptions> options,
    TimeProvider time,
    ILogger<InstanceKeeper> logger)
{
    private const int LeaseSecondsMax = 24 * 60 * 60;

    private readonly ConcurrentDictionary<InstanceId, HeldInstance> _held = [];
    private readonly Lock _admission = new();
    private readonly Wsl2HostOptions _options = options.Value;

    /// <summary>Set when the machine was found fit.</summary>
    public HostFingerprint Fingerprint { get; set; } = new(false, new Dictionary<string, string>(), []);

    public IEnumerable<HeldInstance> All => _held.Values.OrderBy(held => held.Record.CreatedAt);

    /// <summary>An instance that is here.</summary>
    public HeldInstance Find(InstanceId id)
    {
        if (_held.TryGetValue(id, out var held))
        {
            return held;
        }

        ended.Refuse(id, generation: 0);
        throw HostRefusal.NoSuchInstance(id);
    }

    /// <summary>Makes an instance, or finds it as it is.</summary>
    /// <returns>The instance, and whether this call made it.</returns>
    public async Task<(HeldInstance Instance, bool Created)> CreateAsync(CreateInstanceRequest request, CancellationToken cancellationToken)
    {
        CheckLease(request.LeaseSeconds);
        if (request.Owner is not ({ Run: not null, Session: null } or { Run: null, Session: not null }))
        {
            throw HostRefusal.Invalid("owner must name a run or a session, and not both.");
        }

        var held = Admit(request, out var created);
        if (created)
        {
            await MakeAsync(held);
            return (held, true);
        }

        await held.Made.Task.WaitAsync(cancellationToken);
        await held.Gate.WaitAsync(cancellationToken);
        try
        {
            held.Fence(request.Generation);
            held.Change(record => record with { Lease = Lease(request.LeaseSeconds) });
        }
        finally
        {
            held.Gate.Release();
        }

        return (held, false);
    }

    /// <summary>Prolongs a lease.</summary>
    public Task<HeldInstance> RenewAsync(InstanceId id, RenewLeaseRequest request, CancellationToken cancellationToken)
    {
        CheckLease(request.LeaseSeconds);
        return WithAsync(id, request.Generation, held =>
        {
            held.Change(record => record with { Lease = Lease(request.LeaseSeconds) });
            return Task.FromResult(held);
        }, cancellationToken);
    }

    /// <summary>Ends every command. The workspace stays.</summary>
    public Task<HeldInstance> StopAsync(InstanceId id, StopInstanceRequest request, CancellationToken cancellationToken) =>
        WithAsync(id, request.Generation, async held =>
        {
            held.Change(record => record with { State = InstanceState.Stopped, Reason = "stopped" });
            var grace = request.GraceSeconds is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 600)) : _options.StopGrace;
            await Task.WhenAll(driver.Commands(id)
                .Where(command => command.End is null)
                .Select(command => driver.StopAsync(id, command.Id, CommandEnd.Stopped, grace, cancellationToken)));
            await doors.CloseAsync(id);
            return held;
        }, cancellationToken);

    /// <summary>Ends an instance and takes it away. One that is gone is gone.</summary>
    public async Task DestroyAsync(InstanceId id, long generation, string reason, CancellationToken cancellationToken)
    {
        if (!_held.TryGetValue(id, out var held))
        {
            return;
        }

        await held.Made.Task.ContinueWith(_ => { }, cancellationToken, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await held.Gate.WaitAsync(cancellationToken);
        try
        {
            if (_held.ContainsKey(id))
            {
                held.Fence(generation);
                await RemoveAsync(held, reason);
            }
        }
        finally
        {
            held.Gate.Release();
        }
    }

    /// <summary>Does something with an instance for a caller of this generation, while nobody else changes it.</summary>
    public async Task<T> WithAsync<T>(InstanceId id, long generation, Func<HeldInstance, Task<T>> work, CancellationToken cancellationToken)
    {
        ended.Refuse(id, generation);
        var held = Find(id);
        await held.Made.Task.WaitAsync(cancellationToken);
        await held.Gate.WaitAsync(cancellationToken);
        try
        {
            if (!_held.ContainsKey(id))
            {
                ended.Refuse(id, generation);
            }

            held.Fence(generation);
            return await work(held);
        }
        finally
        {
            held.Gate.Release();
        }
    }

    /// <summary>Ends what nobody renewed, and what has lived long enough.</summary>
    /// <returns>When to look again at the latest.</returns>
    public async Task<TimeSpan> EndExpiredAsync(CancellationToken cancellationToken)
    {
        var next = TimeSpan.FromSeconds(1);
        foreach (var held in _held.Values)
        {
            if (!held.Record.End.IsOver(time))
            {
                next = TimeSpan.FromTicks(Math.Min(next.Ticks, held.Record.End.Left(time).Ticks));
                continue;
            }

            var reason = held.Record.Lease.IsOver(time) ? "lease_expired" : "life_over";
            LogExpired(held.Id, reason);
            await EndExpiredAsync(held, reason, cancellationToken);
        }

        return TimeSpan.FromTicks(Math.Max(next.Ticks, TimeSpan.TicksPerMillisecond));
    }

    private async Task EndExpiredAsync(HeldInstance held, string reason, CancellationToken cancellationToken)
    {
        await held.Gate.WaitAsync(cancellationToken);
        try
        {
            // Renewed while its removal was waited for?
            if (_held.ContainsKey(held.Id) && held.Record.End.IsOver(time))
            {
                await RemoveAsync(held, reason);
            }
        }
        catch (HostRefusal failure)
        {
            LogNotRemoved(held.Id, failure);
        }
        finally
        {
            held.Gate.Release();
        }
    }

    private HeldInstance Admit(CreateInstanceRequest request, out bool created)
    {
        lock (_admission)
        {
            created = false;
            if (_held.TryGetValue(request.Id, out var held))
            {
                return held.Record.Owner == request.Owner
                    ? held
                    : throw HostRefusal.Conflict(HostProblemCodes.IdReused, $"Instance {request.Id} serves another owner.");
            }

            ended.Refuse(request.Id, request.Generation);
            if (!Fingerprint.Ready)
            {
                throw new HostRefusal(StatusCodes.Status503ServiceUnavailable, HostProblemCodes.HostNotReady, "This machine lacks something that its driver needs.")
                {
                    Extension = ("shortcomings", Fingerprint.Shortcomings),
                };
            }

            if (_held.Count >= _options.MaxInstances)
            {
                throw HostRefusal.Conflict(HostProblemCodes.HostFull, $"All {_options.MaxInstances} places are taken.");
            }

            var limits = InstanceLimitsPolicy.Fill(request.Limits, _options);
            held = new HeldInstance(
                new InstanceRecord(
                    InstanceRecord.CurrentVersion,
                    request.Id,
                    request.Owner,
                    request.Ownership,
                    request.Generation,
                    limits,
                    time.GetUtcNow(),
                    InstanceState.Creating,
                    Reason: null,
                    Workspace: null,
                    NetworkPhase.Closed,
                    [],
                    Lease(request.LeaseSeconds),
                    MonotonicDeadline.After(TimeSpan.FromSeconds(limits.LifeSeconds!.Value), time)),
                directories.Instance(request.Id));
            _held[request.Id] = held;
            created = true;
            return held;
        }
    }

    /// <summary>Not cancelled by its caller: another one may wait for the same instance.</summary>
    private async Task MakeAsync(HeldInstance held)
    {
        try
        {
            Directory.CreateDirectory(directories.Instance(held.Id));
            held.Change(record => record);
            await Failpoint.PassAsync(FailpointNames.InstanceCreating);
            await driver.CreateAsync(InstanceLimitsPolicy.Spec(held.Record), CancellationToken.None);
            await doors.OpenAsync(held.Record);
            held.Change(record => record with { State = InstanceState.Running });
            await Failpoint.PassAsync(FailpointNames.InstanceCreated);
            held.Made.SetResult();
        }
        catch (Exception failure)
        {
            LogNotMade(held.Id, failure);
            _held.TryRemove(held.Id, out _);
            held.Made.SetException(failure);
            _ = held.Made.Task.Exception;
            throw;
        }
    }

    private async Task RemoveAsync(HeldInstance held, string reason)
    {
        ended.Add(held.Id, held.Record.Generation, reason);
        await Failpoint.PassAsync(FailpointNames.InstanceDestroying);
        await doors.CloseAsync(held.Id);
        await driver.DestroyAsync(held.Id, CancellationToken.None);
        _held.TryRemove(held.Id, out _);
        LogRemoved(held.Id, reason);
    }

    private MonotonicDeadline Lease(int seconds) => MonotonicDeadline.After(TimeSpan.FromSeconds(seconds), time);

    private static void CheckLease(int seconds)
    {
        if (seconds is < 1 or > LeaseSecondsMax)
        {
            throw HostRefusal.Invalid($"leaseSeconds must be from 1 to {LeaseSecondsMax}.");
        }
    }

    [LoggerMessage(3001, LogLevel.Information, "Instance {Instance} was ended: {Reason}")]
    private partial void LogExpired(InstanceId instance, string reason);

    [LoggerMessage(3002, LogLevel.Information, "Instance {Instance} was removed: {Reason}")]
    private partial void LogRemoved(InstanceId instance, string reason);

    [LoggerMessage(3003, LogLevel.Error, "Instance {Instance} could not be made")]
    private partial void LogNotMade(InstanceId instance, Exception failure);

    [LoggerMessage(3004, LogLevel.Error, "Instance {Instance} could not be removed and will be tried again")]
    private partial void LogNotRemoved(InstanceId instance, Exception failure);
}
