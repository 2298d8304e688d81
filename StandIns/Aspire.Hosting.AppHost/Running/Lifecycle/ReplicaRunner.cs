using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running.Processes;
using Aspire.Hosting.Running.Programs;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>
/// One instance of a resource that is a process. One run is one method from the first wait to the exit code, ended early by
/// cancelling it; a restart is a stop and another run.
/// </summary>
internal sealed partial class ReplicaRunner(ResourceRun resource, string id, int index, IProgram program) : IDisposable
{
    /// <summary>Time between asking a process to end and making it.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);

    private const int CrashLines = 20;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly RunContext _context = resource.Context;
    private readonly ILogger _log = resource.Context.Loggers.GetLogger(id);
    private CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;
    private volatile bool _isOver;

    /// <summary>The instance's id.</summary>
    public string Id => id;

    /// <summary>Begins a run.</summary>
    /// <returns>False when one is going on.</returns>
    public async Task<bool> StartAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (!_run.IsCompleted && !_isOver)
            {
                return false;
            }

            // Whoever saw the end may ask for a start before the last run has quite returned.
            await _run;
            _isOver = false;
            _stop.Dispose();
            _stop = new CancellationTokenSource();
            var stopping = _stop.Token;
            _run = Task.Run(() => RunAsync(stopping), CancellationToken.None);
            return true;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends the run and waits for its end.</summary>
    /// <returns>False when none is going on.</returns>
    public async Task<bool> StopAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (_run.IsCompleted)
            {
                return false;
            }

            await _stop.CancelAsync();
            await _run;
            return true;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gate.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        ChildProcess process;
        try
        {
            process = await LaunchAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            Publish(snapshot => snapshot with { State = KnownResourceStates.Exited, StopTimeStamp = _context.UtcNow });
            return;
        }
        catch (Exception ex)
        {
            // Whatever keeps one resource from starting is told about that resource; the others go on.
            Fail(ex);
            return;
        }

        resource.Endpoints.SetRunning(index, true);
        PublishRunning(process);
        await WatchAsync(process, stopping);
    }

    private async Task<ChildProcess> LaunchAsync(CancellationToken stopping)
    {
        var waits = DependencyWaiter.HasDependencies(resource.Resource);
        Publish(snapshot => snapshot with
        {
            State = waits ? KnownResourceStates.Waiting : KnownResourceStates.Starting,
            StartTimeStamp = null,
            StopTimeStamp = null,
            ExitCode = null,
        });
        if (waits)
        {
            await _context.Waiter.WaitAsync(resource.Resource, _log, stopping);
            Publish(snapshot => snapshot with { State = KnownResourceStates.Starting });
        }

        await resource.BeforeStartAsync(stopping);
        var ports = resource.Endpoints.TargetPorts(index);
        var configuration = await resource.ConfigureAsync(id, ports, _log, stopping);
        Publish(snapshot => snapshot with { EnvironmentVariables = SnapshotParts.Environment(configuration.Environment) });
        var start = new ProgramStart(resource.Resource, id, ports, configuration.Environment, configuration.Arguments, _context, _log);
        var spec = await program.PrepareAsync(start, stopping);
        Publish(snapshot => snapshot with { Properties = SnapshotParts.Properties(resource.Resource, spec, processId: null) });
        stopping.ThrowIfCancellationRequested();
        return _context.Lifeline.Start(spec, (line, isError) => _context.Loggers.Append(id, line, isError));
    }

    private void PublishRunning(ChildProcess process)
    {
        Publish(snapshot => snapshot with
        {
            State = KnownResourceStates.Running,
            StartTimeStamp = _context.UtcNow,
            Properties = SnapshotParts.WithProcessId(snapshot.Properties, process.Id),
        });
    }

    private async Task WatchAsync(ChildProcess process, CancellationToken stopping)
    {
        var stopRequested = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (stopping.Register(stopRequested.SetResult))
        {
            await Task.WhenAny(process.Exited, stopRequested.Task);
        }

        // A process that ended by itself just before the stop still counts as that.
        var wasStopped = !process.Exited.IsCompleted;
        resource.Endpoints.SetRunning(index, false);
        if (wasStopped)
        {
            Publish(snapshot => snapshot with { State = KnownResourceStates.Stopping });
            await process.StopAsync(StopGrace, _context.Time);
        }

        var exitCode = process.Exited.IsCompleted ? await process.Exited : -1;
        if (!wasStopped)
        {
            ReportExit(exitCode);
        }

        Publish(snapshot => snapshot with
        {
            State = EndState(exitCode, wasStopped),
            ExitCode = exitCode,
            StopTimeStamp = _context.UtcNow,
            Properties = SnapshotParts.WithProcessId(snapshot.Properties, null),
        });
    }

    private static ResourceStateSnapshot EndState(int exitCode, bool wasStopped) => (exitCode, wasStopped) switch
    {
        (_, true) => new(KnownResourceStates.Exited, KnownResourceStateStyles.Info),
        (0, false) => new(KnownResourceStates.Finished, KnownResourceStateStyles.Success),
        _ => new(KnownResourceStates.Exited, KnownResourceStateStyles.Error),
    };

    private void ReportExit(int exitCode)
    {
        if (exitCode != 0)
        {
            var lines = _context.Loggers.Log(id).Tail(CrashLines).Select(line => $"{Environment.NewLine}    {line.Text}");
            Log.Crashed(_context.Logger, resource.Resource.Name, id, exitCode, string.Concat(lines));
        }
    }

    private void Fail(Exception exception)
    {
        var isExpected = exception is DistributedApplicationException or ProcessStartException;
        Log.StartFailed(_context.Logger, isExpected ? null : exception, resource.Resource.Name, exception.Message);
        Log.ReasonShown(_log, exception.Message);
        Publish(snapshot => snapshot with
        {
            State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error),
            StopTimeStamp = _context.UtcNow,
        });
    }

    private void Publish(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) => resource.Publish(id, snapshot =>
    {
        var changed = change(snapshot);
        _isOver = changed.State?.Text is { } state && KnownResourceStates.TerminalStates.Contains(state);
        return changed;
    });

    private static partial class Log
    {
        [LoggerMessage(8140, LogLevel.Error, "Resource '{ResourceName}' ({InstanceId}) ended with exit code {ExitCode}. Its last lines:{Lines}")]
        public static partial void Crashed(ILogger logger, string resourceName, string instanceId, int exitCode, string lines);

        [LoggerMessage(8141, LogLevel.Error, "Resource '{ResourceName}' failed to start. {Reason}")]
        public static partial void StartFailed(ILogger logger, Exception? exception, string resourceName, string reason);

        [LoggerMessage(8142, LogLevel.Error, "Failed to start: {Reason}")]
        public static partial void ReasonShown(ILogger logger, string reason);
    }
}
