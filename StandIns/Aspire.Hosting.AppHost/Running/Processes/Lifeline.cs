using System.Globalization;

namespace Aspire.Hosting.Running.Processes;

/// <summary>
/// Ends everything that the AppHost started when the AppHost itself ends, even by SIGKILL.
/// On POSIX a guardian shell, in a session of its own, reads the AppHost's pipe and knows the process groups and temporary
/// directories; end of file on that pipe is the AppHost's death. On Windows a job object does the same.
/// </summary>
internal sealed class Lifeline : IAsyncDisposable
{
    /// <summary>Every child carries this variable, so that what has left its process group is found too (Linux only).</summary>
    public const string MarkerVariable = "ASPIRE_APPHOST_LIFELINE";

    /// <summary>The guardian itself allows 5 s between asking and killing.</summary>
    private static readonly TimeSpan GuardianExitMax = TimeSpan.FromSeconds(8);

    private static readonly Lazy<nint> WindowsJob = new(() => OperatingSystem.IsWindows() ? WindowsApi.JoinJobThatDiesWithThisProcess() : 0);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly UnixGuardian? _guardian;

    /// <summary>Starts the guardian.</summary>
    /// <exception cref="ProcessStartException">There is no POSIX shell.</exception>
    public Lifeline(TimeProvider time)
    {
        _time = time;
        Marker = Guid.NewGuid().ToString("N");
        if (OperatingSystem.IsWindows())
        {
            _ = WindowsJob.Value;
        }
        else
        {
            _guardian = UnixGuardian.Start(Marker);
        }
    }

    /// <summary>This AppHost's value of <see cref="MarkerVariable"/>.</summary>
    public string Marker { get; }

    /// <summary>Starts a program that will not outlive the AppHost.</summary>
    /// <exception cref="ProcessStartException">The program could not be started.</exception>
    public ChildProcess Start(ProcessSpec spec, Action<string, bool> onLine)
    {
        var marked = new Dictionary<string, string>(spec.Environment) { [MarkerVariable] = Marker };
        spec = spec with { Environment = marked };
        if (OperatingSystem.IsWindows())
        {
            return WindowsProcess.Start(spec, onLine);
        }

        var process = UnixProcess.Start(spec, onLine, _time);
        Tell($"watch {process.Id.ToString(CultureInfo.InvariantCulture)} {(spec.StopSignal == StopSignal.Interrupt ? "INT" : "TERM")}");
        process.Gone.ContinueWith(
            _ => Tell($"forget {process.Id.ToString(CultureInfo.InvariantCulture)}"),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return process;
    }

    /// <summary>Makes a new directory under the system's temporary one; it is removed at the end.</summary>
    public string CreateTemporaryDirectory(string prefix)
    {
        var directory = Directory.CreateTempSubdirectory(prefix).FullName;
        Tell($"remove {directory}");
        return directory;
    }

    /// <summary>Lets the guardian end what is left, and waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_guardian is not null)
        {
            lock (_gate)
            {
                _guardian.Dispose();
            }

            await Task.WhenAny(_guardian.Exited, Task.Delay(GuardianExitMax, _time));
        }
    }

    private void Tell(string line)
    {
        lock (_gate)
        {
            _guardian?.Tell(line);
        }
    }
}
