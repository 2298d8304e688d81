using System.Globalization;
using System.Text.Json;
using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Drivers.Files;
using Services.Wsl2Host.Drivers.Linux.Cgroups;
using Services.Wsl2Host.Drivers.Linux.Native;

namespace Services.Wsl2Host.Drivers.Linux;

/// <summary>
/// One command: what was written down of it, and while it runs the watch over it. A command runs for as long as its cgroup holds a process; the cgroup
/// bears its id, so no process id has to be trusted after a restart.
/// </summary>
internal sealed class LinuxCommand : DriverCommand, IDisposable
{
    private const int KillSignal = 9;

    private readonly ICgroups _cgroups;
    private readonly KernelEvents _events;
    private readonly TimeProvider _time;
    private readonly string _group;
    private readonly Lock _lock = new();
    private readonly List<IDisposable> _watches = [];
    private int _launcher;
    private bool _launching;
    private bool _leaving;

    public LinuxCommand(CommandHandle handle, CommandFiles files, string group, ICgroups cgroups, KernelEvents events, TimeProvider time)
        : base(handle, files) => (_group, _cgroups, _events, _time) = (group, cgroups, events, time);

    /// <summary>The cgroup of a command, below its instance's: the launcher and all that it started.</summary>
    public string Leaf => Handle.Id.ToString();

    /// <summary>The cgroup of its sandbox, below that.</summary>
    public string Box => BoxOf(Handle.Id);

    public static string BoxOf(AgentPlatform.Contracts.CommandId id) => $"{id}/box";

    /// <summary>Begins to watch the cgroup. Before the launcher is started: a change that nobody watches is lost.</summary>
    /// <param name="launching">Whether the launcher is still to come. Until it is known there is nothing to settle, also if it has ended by then.</param>
    public void WatchGroup(bool launching)
    {
        lock (_lock)
        {
            _launching = launching;
            _watches.Add(_events.WatchFile(_cgroups.EventsFile(_group, Leaf), () => ThreadPool.UnsafeQueueUserWorkItem(static me => me.Look(), this, preferLocal: false)));
        }
    }

    /// <summary>Watches the launcher too: its end is told at once, a cgroup's up to ten milliseconds later.</summary>
    /// <param name="process">The launcher.</param>
    /// <param name="child">Whether this process started it. An id of any other process is good for a look only.</param>
    /// <returns>Whether it is there.</returns>
    public bool WatchLauncher(int process, bool child)
    {
        lock (_lock)
        {
            _launching = false;
            _launcher = child ? process : 0;
            var watch = _events.WatchProcess(process, () => ThreadPool.UnsafeQueueUserWorkItem(static me => me.Look(), this, preferLocal: false));
            if (watch is not null)
            {
                _watches.Add(watch);
            }

            return watch is not null;
        }
    }

    /// <summary>
    /// Writes down which process the launcher is. Until it has joined its cgroup nothing else tells a host that starts at this moment that the command
    /// is on its way.
    /// </summary>
    public void NoteLauncher(int process)
    {
        if (ProcessFacts.StartOf(process) is { } start)
        {
            File.WriteAllText(Files.Launcher, string.Create(CultureInfo.InvariantCulture, $"{process} {start}"));
        }
    }

    /// <summary>The launcher that an earlier process started; null if it is no more.</summary>
    public static int? FindLauncher(CommandFiles files) =>
        File.Exists(files.Launcher)
        && File.ReadAllText(files.Launcher).Split(' ') is [var process, var start]
        && int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && ProcessFacts.StartOf(id)?.ToString(CultureInfo.InvariantCulture) == start
            ? id
            : null;

    /// <summary>Looks whether it has ended, and if so settles its result.</summary>
    /// <returns>The result; null while it runs.</returns>
    public CommandResult? Look()
    {
        lock (_lock)
        {
            if (Result is { } known)
            {
                return known;
            }

            // What becomes of it in an instance that goes is for the one who removes that.
            if (_leaving || _launching || _cgroups.IsPopulated(_group, Leaf))
            {
                return null;
            }

            var result = Classify(ReapLauncher());
            Files.Write(result);
            _cgroups.RemoveLeaf(_group, Leaf);
            Tell(result);
            Unwatch();
            return result;
        }
    }

    /// <summary>Ends the watch because the instance goes, and a launcher that may not have reached its cgroup yet.</summary>
    public void Leave()
    {
        KillLauncher();
        lock (_lock)
        {
            _leaving = true;
            Unwatch();
        }
    }

    /// <summary>Settles what ended with its instance. Nothing is written: the files go too.</summary>
    public void SettleGone()
    {
        lock (_lock)
        {
            if (Result is null)
            {
                ReapLauncher();
                Tell(new CommandResult(CommandEnd.Stopped, null, _time.GetUtcNow()));
            }
        }
    }

    /// <summary>Settles a command that never began.</summary>
    public void Settle(CommandResult result)
    {
        lock (_lock)
        {
            if (Result is null)
            {
                Files.Write(result);
                _cgroups.RemoveLeaf(_group, Leaf);
                Tell(result);
                Unwatch();
            }
        }
    }

    /// <summary>The first process of the sandbox, whose end is the end of all in it; null if it is not running.</summary>
    public int? SandboxProcess() =>
        ReadReport().ChildProcess is { } process && _cgroups.Processes(_group, Box).Contains(process) ? process : null;

    /// <summary>The command's own process; null if it is not running.</summary>
    public int? MainProcess()
    {
        if (SandboxProcess() is not { } sandbox)
        {
            return null;
        }

        // Inside, the sandbox's own process is number 1 and the command is number 2.
        foreach (var process in _cgroups.Processes(_group, Box))
        {
            if (ProcessFacts.Read(process) is { } facts && facts.Parent == sandbox && facts.InnermostId == 2)
            {
                return process;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            Unwatch();
        }
    }

    private void Unwatch()
    {
        _watches.ForEach(watch => watch.Dispose());
        _watches.Clear();
    }

    /// <summary>Ends a launcher that may not have reached its cgroup yet.</summary>
    public void KillLauncher()
    {
        lock (_lock)
        {
            if (_launcher != 0 && Result is null)
            {
                _ = Libc.Kill(_launcher, KillSignal);
            }
        }
    }

    // Only for a child of this process, and it has ended; after a restart of the host it is init's.
    private unsafe bool ReapLauncher()
    {
        int status;
        return _launcher != 0 && Libc.WaitProcess(_launcher, &status, 0) == _launcher && (status & 0x7F) == 0;
    }

    private CommandResult Classify(bool launcherExited)
    {
        var report = ReadReport();
        var finished = launcherExited || File.Exists(Files.Finished);
        var ended = File.Exists(Files.Status) ? new DateTimeOffset(File.GetLastWriteTimeUtc(Files.Status), TimeSpan.Zero) : _time.GetUtcNow();
        var outOfMemory = _cgroups.Usage(_group).OutOfMemoryKills > Handle.OutOfMemoryKills;
        var killed = report.ExitCode is null or 128 + 9;
        var end = (Files.ReadEnding(), report) switch
        {
            ({ } reason, _) => reason,
            _ when outOfMemory && killed => CommandEnd.OutOfMemory,
            (_, { ExitCode: not null }) => CommandEnd.Exited,
            _ when finished => CommandEnd.NotStarted,
            _ => CommandEnd.Lost,
        };
        return new CommandResult(end, report.ExitCode, ended);
    }

    private (int? ChildProcess, int? ExitCode) ReadReport()
    {
        (int? ChildProcess, int? ExitCode) report = default;
        foreach (var line in File.Exists(Files.Status) ? File.ReadAllLines(Files.Status) : [])
        {
            try
            {
                using var document = JsonDocument.Parse(line);
                report.ChildProcess ??= Number(document, "child-pid");
                report.ExitCode ??= Number(document, "exit-code");
            }
            catch (JsonException)
            {
                // The last line is still being written.
                return report;
            }
        }

        return report;
    }

    private static int? Number(JsonDocument document, string name) =>
        document.RootElement.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : null;
}

/// <summary>What the kernel says of a process.</summary>
/// <param name="Parent">Its parent, by our numbers.</param>
/// <param name="InnermostId">Its number in its own process namespace.</param>
internal readonly record struct ProcessFacts(int Parent, int InnermostId)
{
    /// <summary>When a process started, in ticks since the machine did, which tells it from a later one of that number; null if it is gone or has ended.</summary>
    public static long? StartOf(int process)
    {
        try
        {
            // The name, in parentheses, may hold anything; the state follows it.
            var text = File.ReadAllText($"/proc/{process}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return null;
        }
    }

    /// <summary>Reads them; null if the process is gone.</summary>
    public static ProcessFacts? Read(int process)
    {
        try
        {
            var (parent, innermost) = (0, 0);
            foreach (var line in File.ReadLines($"/proc/{process}/status"))
            {
                if (line.StartsWith("PPid:", StringComparison.Ordinal))
                {
                    parent = int.Parse(line.AsSpan(5), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
                }
                else if (line.StartsWith("NSpid:", StringComparison.Ordinal))
                {
                    innermost = int.Parse(line.AsSpan(line.LastIndexOf('\t') + 1), CultureInfo.InvariantCulture);
                    break;
                }
            }

            return new ProcessFacts(parent, innermost);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return null;
        }
    }
}
