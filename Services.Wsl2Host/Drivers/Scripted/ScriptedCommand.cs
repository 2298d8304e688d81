using System.Globalization;
using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Drivers.Files;

namespace Services.Wsl2Host.Drivers.Scripted;

/// <summary>One scripted command: brought up to the present whenever somebody looks, and when its script says that something happens.</summary>
internal sealed class ScriptedCommand : DriverCommand, IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Script _script;
    private readonly (long Head, long Tail) _kept;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _timer;

    public ScriptedCommand(CommandHandle handle, CommandFiles files, TimeProvider time)
        : base(handle, files)
    {
        (_time, _script) = (time, new Script(handle.Argv));
        var kept = File.ReadAllText(KeptPath).Split(' ');
        _kept = (long.Parse(kept[0], CultureInfo.InvariantCulture), long.Parse(kept[1], CultureInfo.InvariantCulture));
    }

    private string SignalsPath => Path.Combine(Files.Directory, "signals");

    private string KeptPath => Path.Combine(Files.Directory, "kept");

    /// <summary>Writes down how much output is kept, before the command is made.</summary>
    public static void Prepare(CommandFiles files, CommandSpec command) =>
        File.WriteAllText(Path.Combine(files.Directory, "kept"), string.Create(CultureInfo.InvariantCulture, $"{command.HeadBytesMax} {command.TailBytesMax}"));

    /// <summary>Brings it up to the present.</summary>
    /// <returns>Completes when something new has happened.</returns>
    public Task Advance()
    {
        lock (_lock)
        {
            if (Result is not null)
            {
                return Task.CompletedTask;
            }

            if (_script.IsMissing)
            {
                End(new CommandResult(CommandEnd.NotStarted, null, _time.GetUtcNow()));
                return Task.CompletedTask;
            }

            var state = _script.Evaluate(Handle.StartedAt, _time.GetUtcNow(), Inputs(), Signals(), Handle.MergeOutput);
            var grew = Write(Files.StandardOutput, state.Output, state.ExitCode is not null);
            grew |= Write(Files.StandardError, state.Error, state.ExitCode is not null);
            if (state.ExitCode is { } code)
            {
                End(new CommandResult(Files.ReadEnding() ?? CommandEnd.Exited, code, state.EndedAt!.Value));
                return Task.CompletedTask;
            }

            if (grew)
            {
                Pulse();
            }

            _timer?.Dispose();
            _timer = state.NextAt is { } next ? _time.CreateTimer(_ => Advance(), null, Later(next), Timeout.InfiniteTimeSpan) : null;
            return _changed.Task;
        }
    }

    public void Signal(CommandSignal signal)
    {
        lock (_lock)
        {
            File.AppendAllText(SignalsPath, string.Create(CultureInfo.InvariantCulture, $"{signal} {_time.GetUtcNow().UtcTicks}\n"));
        }

        Advance();
    }

    public override CommandStatus Status()
    {
        Advance();
        return base.Status();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _timer?.Dispose();
            _timer = null;
        }
    }

    private void End(CommandResult result)
    {
        Files.Write(result);
        _timer?.Dispose();
        Tell(result);
        Pulse();
    }

    private void Pulse()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private TimeSpan Later(DateTimeOffset at)
    {
        var left = at - _time.GetUtcNow();
        return left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1);
    }

    private bool Write(string path, byte[] bytes, bool ended)
    {
        var head = (int)Math.Min(_kept.Head, bytes.Length);
        var before = File.Exists(path) ? new FileInfo(path).Length : -1;
        File.WriteAllBytes(path, bytes.AsSpan(0, head));
        if (head < bytes.Length && ended)
        {
            File.WriteAllBytes(CommandFiles.Tail(path), bytes.AsSpan(Math.Max(head, bytes.Length - (int)_kept.Tail)));
        }

        return head != before;
    }

    private List<ScriptInput> Inputs() =>
        [.. new InputFiles(Files.Inputs).Paths().Select(path => new ScriptInput(File.ReadAllBytes(path), path.EndsWith(InputFiles.LastSuffix, StringComparison.Ordinal)))];

    private List<ScriptSignal> Signals() => !File.Exists(SignalsPath)
        ? []
        : [.. from line in File.ReadAllLines(SignalsPath)
              let parts = line.Split(' ')
              select new ScriptSignal(Enum.Parse<CommandSignal>(parts[0]), new DateTimeOffset(long.Parse(parts[1], CultureInfo.InvariantCulture), TimeSpan.Zero))];
}
