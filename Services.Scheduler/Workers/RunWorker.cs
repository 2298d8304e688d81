using System.Collections.Concurrent;
using System.Diagnostics;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Failpoints;
using AgentPlatform.ServiceDefaults.HostCalls;
using AgentPlatform.Streams;
using Microsoft.Extensions.Options;
using Services.Scheduler.Pipeline;
using Services.Scheduler.Runs;
using Services.Scheduler.Steps;

namespace Services.Scheduler.Workers;

/// <summary>
/// The runs that this process drives. It takes a run by a lease in Postgres and renews all its leases together; the answer also
/// says which runs somebody wants ended and which are no longer its own.
/// </summary>
internal sealed partial class RunWorker(
    RunStore runs, RunDriver driver, RunSignals signals, IOptionsMonitor<WorkerOptions> options, LoopRegistry loops, TimeProvider time, ILogger<RunWorker> logger)
    : BackgroundService
{
    public static readonly ActivitySource Source = new("AgentPlatform.Scheduler");

    private readonly string _name = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";
    private readonly ConcurrentDictionary<RunId, (RunControl Control, Task Drive)> _active = new();
    private readonly Lock _beginning = new();
    private readonly SemaphoreSlim _slots = new(options.CurrentValue.RunsMax);
    private readonly Signal _wake = new(time);

    /// <summary>Takes the runs that are still to be had, and goes on with them beside the caller. Returns once their leases are in Postgres.</summary>
    public async Task TakeAsync(IReadOnlyList<(WorkEntry Work, string? Traceparent)> entries, CancellationToken cancellationToken)
    {
        // One is waited for, the others are taken as far as there is room: a call never waits for what it holds itself.
        for (var taken = 0; taken < entries.Count;)
        {
            await _slots.WaitAsync(cancellationToken);
            var room = 1;
            while (taken + room < entries.Count && _slots.Wait(0, CancellationToken.None))
            {
                room++;
            }

            await TakeSomeAsync([.. entries.Skip(taken).Take(room)], cancellationToken);
            taken += room;
        }
    }

    /// <summary>Takes runs for which slots are held.</summary>
    private async Task TakeSomeAsync(IReadOnlyList<(WorkEntry Work, string? Traceparent)> entries, CancellationToken cancellationToken)
    {
        var slots = entries.Count;
        try
        {
            var claimed = await runs.ClaimAsync([.. entries.Select(entry => entry.Work)], _name, options.CurrentValue.Lease, cancellationToken);
            await Failpoint.PassAsync(FailpointNames.RunClaimed);

            // What is missing, or here already, is a second copy of an entry or one that came too late.
            foreach (var run in claimed)
            {
                if (TryBegin(run, entries.First(entry => entry.Work.Run == run.Id).Traceparent))
                {
                    slots--;
                }
            }
        }
        finally
        {
            if (slots > 0)
            {
                _slots.Release(slots);
            }
        }
    }

    /// <summary>
    /// Begins to drive a run, unless this generation of it is under way here. A run that came back to this worker may still have the drive of an earlier
    /// generation, which is over, but not through: the new one takes its place and begins behind it.
    /// </summary>
    private bool TryBegin(RunRow run, string? traceparent)
    {
        lock (_beginning)
        {
            var before = Task.CompletedTask;
            if (_active.TryGetValue(run.Id, out var held))
            {
                if (held.Control.Generation >= run.Generation)
                {
                    return false;
                }

                held.Control.Abandon();
                before = held.Drive;
            }

            var control = new RunControl(run.Id, run.Generation);
            if (run.Ending is { } ending)
            {
                control.End(ending);
            }

            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var begun = Task.WhenAll(started.Task, before);
            var drive = Task.Run(() => DriveAsync(run, control, traceparent, begun), CancellationToken.None);
            _active[run.Id] = (control, Task.WhenAll(before, drive));
            started.SetResult();
            return true;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var heartbeat = loops.Register(nameof(RunWorker), TimeSpan.FromMinutes(2));
        signals.Changed += OnChanged;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    await RenewOnceAsync(stoppingToken);
                    heartbeat.Beat();
                }
                catch (Exception error) when (!stoppingToken.IsCancellationRequested)
                {
                    Log.RenewFailed(logger, heartbeat.Failed(error), error);
                }

                await _wake.WaitAsync(options.CurrentValue.Lease / 3, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
        finally
        {
            signals.Changed -= OnChanged;
            loops.Unregister(heartbeat);
            await LetGoAsync();
        }
    }

    /// <summary>Renews every lease once.</summary>
    public async Task RenewOnceAsync(CancellationToken cancellationToken)
    {
        var held = _active.ToArray();
        if (held.Length == 0)
        {
            return;
        }

        var leases = await runs.RenewAsync(_name, [.. held.Select(pair => pair.Key)], options.CurrentValue.Lease, cancellationToken);
        foreach (var (id, (control, _)) in held)
        {
            if (!leases.TryGetValue(id, out var lease) || lease.Generation != control.Generation)
            {
                control.Abandon();
            }
            else if (lease.Ending is { } ending)
            {
                control.End(ending);
            }
        }
    }

    /// <param name="run">The run as it was claimed.</param>
    /// <param name="control">How it hears from here.</param>
    /// <param name="traceparent">The trace of the entry that named it, or null.</param>
    /// <param name="begun">Done when the drive stands among the active ones and the one before it is through. Waited for as long as a lease lasts.</param>
    private async Task DriveAsync(RunRow run, RunControl control, string? traceparent, Task begun)
    {
        using var activity = Start(run, traceparent);
        try
        {
            await begun.WaitAsync(options.CurrentValue.Lease, time, control.Abandoned);
            await driver.DriveAsync(run, control);
        }
        catch (Exception error) when (control.Abandoned.IsCancellationRequested || error is StaleGenerationException or HostCallException { IsStale: true })
        {
            Log.Abandoned(logger, run.Id, run.Generation, error.GetType().Name);
        }
        catch (Exception error)
        {
            // The driver turns every expected fault into a transition. What remains is a defect or a lost database:
            // the lease runs out, and a worker takes the run again.
            activity?.SetStatus(ActivityStatusCode.Error, error.GetType().Name);
            Log.DriveFailed(logger, run.Id, run.Generation, error);
        }
        finally
        {
            if (_active.TryGetValue(run.Id, out var held) && held.Control == control)
            {
                _active.TryRemove(KeyValuePair.Create(run.Id, held));
            }

            _slots.Release();
            control.Dispose();
        }
    }

    private static Activity? Start(RunRow run, string? traceparent)
    {
        ActivityContext.TryParse(traceparent ?? run.Traceparent, null, isRemote: true, out var parent);
        var activity = Source.StartActivity("run.drive", ActivityKind.Internal, parent);
        activity?.SetTag("agentplatform.run.id", run.Id.ToString());
        activity?.SetTag("agentplatform.run.generation", run.Generation);
        activity?.SetTag("agentplatform.run.workflow", run.Workflow);
        return activity;
    }

    /// <summary>Somebody in this process wants a run of ours to end, or gave it to another: the next renewal tells, and need not wait for its time.</summary>
    private void OnChanged(RunRow run)
    {
        if (_active.TryGetValue(run.Id, out var held) && (run.Ending is not null || run.Generation != held.Control.Generation))
        {
            _wake.Raise();
        }
    }

    private async Task LetGoAsync()
    {
        var held = _active.Values.ToArray();
        foreach (var (control, _) in held)
        {
            control.Abandon();
        }

        await Task.WhenAll(held.Select(pair => pair.Drive));
        await runs.ReleaseAsync(_name, CancellationToken.None);
    }

    public override void Dispose()
    {
        _slots.Dispose();
        base.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(2101, LogLevel.Warning, "The leases could not be renewed, {Failures} times in a row")]
        public static partial void RenewFailed(ILogger logger, int failures, Exception error);

        [LoggerMessage(2102, LogLevel.Information, "{Run} generation {Generation} was let go ({Cause})")]
        public static partial void Abandoned(ILogger logger, RunId run, long generation, string cause);

        [LoggerMessage(2103, LogLevel.Error, "{Run} generation {Generation} could not be driven on")]
        public static partial void DriveFailed(ILogger logger, RunId run, long generation, Exception error);
    }
}
