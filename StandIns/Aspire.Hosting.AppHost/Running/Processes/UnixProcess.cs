using System.Runtime.InteropServices;

namespace Aspire.Hosting.Running.Processes;

/// <summary>A child on Linux or macOS: the leader of its own session, watched by a thread that waits for it.</summary>
internal sealed class UnixProcess : ChildProcess
{
    /// <summary>A grandchild may hold the output open after the program has ended: the exit is not held back longer than this.</summary>
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(2);

    /// <summary>What the program leaves behind gets this long after SIGTERM.</summary>
    private static readonly TimeSpan LeftoverGrace = TimeSpan.FromSeconds(3);

    /// <summary>A killed member that the kernel does not give up (stuck in I/O) is not waited for any longer.</summary>
    private static readonly TimeSpan LeftoverWaitMax = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan GroupPollInterval = TimeSpan.FromMilliseconds(20);

    private readonly StopSignal _stopSignal;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _signalGate = new();
    private readonly Task _outputRead;
    private bool _groupGone;

    private UnixProcess(UnixSpawn.Spawned spawned, ProcessSpec spec, Action<string, bool> onLine, TimeProvider time)
    {
        Id = spawned.Pid;
        _stopSignal = spec.StopSignal;
        _time = time;
        _outputRead = Task.WhenAll(
            OutputPump.Start(spawned.Output, $"stdout {Id}", line => onLine(line, false)),
            OutputPump.Start(spawned.Error, $"stderr {Id}", line => onLine(line, true)));
        new Thread(WaitForExit, maxStackSize: 256 * 1024) { IsBackground = true, Name = $"wait {Id}" }.Start();
    }

    /// <inheritdoc/>
    public override int Id { get; }

    /// <inheritdoc/>
    public override Task<int> Exited => _exited.Task;

    /// <inheritdoc/>
    public override Task Gone => _gone.Task;

    /// <summary>Starts the program.</summary>
    /// <exception cref="ProcessStartException">The program could not be started.</exception>
    public static UnixProcess Start(ProcessSpec spec, Action<string, bool> onLine, TimeProvider time)
    {
        var spawned = UnixSpawn.Start(spec);
        WriteInput(spawned.Input, spec.Input);
        return new UnixProcess(spawned, spec, onLine, time);
    }

    /// <inheritdoc/>
    public override void RequestStop() =>
        SignalGroup(_stopSignal == StopSignal.Interrupt ? Posix.SignalInterrupt : Posix.SignalTerminate);

    /// <inheritdoc/>
    public override void Kill() => SignalGroup(Posix.SignalKill);

    private static void WriteInput(Stream stream, string? input)
    {
        try
        {
            using var writer = new StreamWriter(stream);
            writer.Write(input);
        }
        catch (IOException)
        {
            // The program ended without reading its input; its exit code tells why.
        }
    }

    private void WaitForExit()
    {
        int status;
        while (Posix.WaitPid(Id, out status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Posix.ErrorInterrupted)
            {
                // Somebody else has collected the child (SIGCHLD ignored by whoever started us): it is gone, its code unknown.
                status = 0xFF << 8;
                break;
            }
        }

        var signal = status & 0x7F;
        _ = FinishAsync(signal == 0 ? (status >> 8) & 0xFF : 128 + signal);
    }

    private async Task FinishAsync(int exitCode)
    {
        var leftovers = EndLeftoversAsync();
        await Task.WhenAny(_outputRead, Task.Delay(DrainMax, _time));
        _exited.TrySetResult(exitCode);
        await leftovers;
        _gone.TrySetResult();
    }

    /// <summary>The program has ended; whatever it started in its group ends too.</summary>
    private async Task EndLeftoversAsync()
    {
        if (!SignalGroup(Posix.SignalTerminate))
        {
            return;
        }

        var started = _time.GetTimestamp();
        while (SignalGroup(0) && ProcessGroup.HasLivingMember(Id) && _time.GetElapsedTime(started) < LeftoverWaitMax)
        {
            await Task.Delay(GroupPollInterval, _time);
            if (_time.GetElapsedTime(started) > LeftoverGrace)
            {
                SignalGroup(Posix.SignalKill);
            }
        }
    }

    /// <returns>Whether the group still has a member. Once it has none its id may belong to strangers, so it is not signalled again.</returns>
    private bool SignalGroup(int signal)
    {
        lock (_signalGate)
        {
            _groupGone = _groupGone || Posix.Kill(-Id, signal) != 0;
            return !_groupGone;
        }
    }
}
