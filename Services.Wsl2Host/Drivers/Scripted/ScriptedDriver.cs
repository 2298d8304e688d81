using System.Collections.Concurrent;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Drivers.Files;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Drivers.Scripted;

/// <summary>
/// A driver that starts nothing: its commands play a <see cref="Script"/>. For tests of everything above drivers, on any machine. It keeps the same files
/// and the same contract as a real one, restarts included.
/// </summary>
/// <param name="directories">The host's directories.</param>
/// <param name="time">The clock that scripts play by.</param>
internal sealed class ScriptedDriver(HostDirectories directories, TimeProvider time) : IInstanceDriver, IDisposable
{
    private const string HandleName = "scripted";

    private readonly ConcurrentDictionary<InstanceId, ConcurrentDictionary<CommandId, ScriptedCommand>> _instances = [];
    private readonly ConcurrentDictionary<CommandId, int> _failedStarts = [];

    public string Name => "scripted";

    public DriverCapabilities Capabilities { get; } = new(Isolated: false, Workspaces: false, Doors: false);

    public Task<HostFingerprint> FingerprintAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new HostFingerprint(true, new Dictionary<string, string> { ["os"] = "none" }, []));

    public Task CreateAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directories.Instance(spec.Id));
        Directory.CreateDirectory(directories.Spool(spec.Id));
        File.WriteAllText(Path.Combine(directories.Instance(spec.Id), HandleName), "1");
        _instances.TryAdd(spec.Id, []);
        return Task.CompletedTask;
    }

    public Task AttachAsync(InstanceId instance, CheckoutMount checkout, CancellationToken cancellationToken)
    {
        Find(instance);
        return Task.CompletedTask;
    }

    public Task<CommandStatus> StartAsync(InstanceId instance, CommandSpec command, CancellationToken cancellationToken)
    {
        var commands = Find(instance);
        if (commands.TryGetValue(command.Id, out var known))
        {
            return Task.FromResult(known.Status());
        }

        if (new Script(command.Argv).StartErrors > _failedStarts.AddOrUpdate(command.Id, 0, static (_, count) => count + 1))
        {
            throw HostRefusal.StartFailed("The script says that the start fails.");
        }

        var files = FilesOf(instance, command.Id);
        Directory.CreateDirectory(files.Directory);
        Directory.CreateDirectory(files.Inputs);
        ScriptedCommand.Prepare(files, command);
        var handle = CommandHandle.Of(command, time.GetUtcNow(), outOfMemoryKills: 0);
        files.Write(handle);
        return Task.FromResult(commands.GetOrAdd(command.Id, _ => new ScriptedCommand(handle, files, time)).Status());
    }

    public CommandStatus Inspect(InstanceId instance, CommandId command) => Find(instance, command).Status();

    public IReadOnlyList<CommandStatus> Commands(InstanceId instance) =>
        [.. Find(instance).Values.OrderBy(command => command.Handle.StartedAt).Select(command => command.Status())];

    public async Task<CommandStatus> WaitAsync(InstanceId instance, CommandId command, CancellationToken cancellationToken)
    {
        var found = Find(instance, command);
        _ = found.Advance();
        await found.Ended.WaitAsync(cancellationToken);
        return found.Status();
    }

    public Task<OutputPage> ReadAsync(InstanceId instance, CommandId command, OutputStream stream, long offset, int bytesMax, CancellationToken cancellationToken)
    {
        var found = Find(instance, command);
        _ = found.Advance();
        return Task.FromResult(Spool.Read(found.Files.Of(stream), offset, bytesMax, found.Result is not null));
    }

    public async Task WaitForOutputAsync(InstanceId instance, CommandId command, OutputStream stream, long offset, CancellationToken cancellationToken)
    {
        var found = Find(instance, command);
        var changed = found.Advance();
        if (found.Result is null && Spool.Readable(found.Files.Of(stream), ended: false) <= offset)
        {
            await changed.WaitAsync(cancellationToken);
        }
    }

    public Task<long> WriteInputAsync(
        InstanceId instance, CommandId command, long number, ReadOnlyMemory<byte> data, bool end, CancellationToken cancellationToken)
    {
        var found = Find(instance, command);
        if (!found.Handle.Input || found.Status().End is not null)
        {
            throw HostRefusal.Conflict(HostProblemCodes.InputClosed, found.Handle.Input ? "The command has ended." : "The command was started without input.");
        }

        var accepted = new InputFiles(found.Files.Inputs).Write(number, data.Span, end);
        _ = found.Advance();
        return Task.FromResult(accepted);
    }

    public Task SignalAsync(InstanceId instance, CommandId command, CommandSignal signal, CancellationToken cancellationToken)
    {
        var found = Find(instance, command);
        if (signal == CommandSignal.Kill)
        {
            found.Files.NoteEnding(CommandEnd.Stopped);
        }

        found.Signal(signal);
        return Task.CompletedTask;
    }

    public async Task<CommandStatus> StopAsync(
        InstanceId instance, CommandId command, CommandEnd reason, TimeSpan grace, CancellationToken cancellationToken)
    {
        var found = Find(instance, command);
        if (found.Status().End is null)
        {
            found.Files.NoteEnding(reason);
            found.Signal(CommandSignal.Terminate);
            try
            {
                await found.Ended.WaitAsync(grace, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                found.Signal(CommandSignal.Kill);
            }
        }

        return found.Status();
    }

    public Task DestroyAsync(InstanceId instance, CancellationToken cancellationToken)
    {
        if (_instances.TryRemove(instance, out var commands))
        {
            foreach (var command in commands.Values)
            {
                command.Files.NoteEnding(CommandEnd.Stopped);
                command.Signal(CommandSignal.Kill);
                command.Dispose();
            }
        }

        foreach (var directory in (ReadOnlySpan<string>)[directories.Instance(instance), directories.Spool(instance)])
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }
        }

        return Task.CompletedTask;
    }

    public string? Workspace(InstanceId instance) => null;

    public ISandboxedTools? Tools => null;

    public DoorPlace? Doors(InstanceId instance) => null;

    public InstanceUsage? Usage(InstanceId instance) => null;

    public Task<IReadOnlyList<InstanceId>> RecoverAsync(CancellationToken cancellationToken)
    {
        directories.Create();
        foreach (var directory in Directory.EnumerateDirectories(directories.Instances))
        {
            if (!InstanceId.TryParse(Path.GetFileName(directory), null, out var id) || !File.Exists(Path.Combine(directory, HandleName)))
            {
                continue;
            }

            var commands = _instances.GetOrAdd(id, []);
            foreach (var command in CommandFiles.List(CommandsOf(id)))
            {
                var files = FilesOf(id, command);
                if (files.ReadHandle() is { } handle)
                {
                    commands.GetOrAdd(command, _ => new ScriptedCommand(handle, files, time)).Advance();
                }
            }
        }

        return Task.FromResult<IReadOnlyList<InstanceId>>([.. _instances.Keys]);
    }

    public Task<IReadOnlyList<string>> ReapAsync(TimeSpan grace, bool dryRun, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var command in _instances.Values.SelectMany(commands => commands.Values))
        {
            command.Dispose();
        }
    }

    private string CommandsOf(InstanceId instance) => Path.Combine(directories.Instance(instance), "commands");

    private CommandFiles FilesOf(InstanceId instance, CommandId command) =>
        new(Path.Combine(CommandsOf(instance), command.ToString()), Path.Combine(directories.Spool(instance), command.ToString()));

    private ConcurrentDictionary<CommandId, ScriptedCommand> Find(InstanceId id) =>
        _instances.TryGetValue(id, out var commands) ? commands : throw HostRefusal.NoSuchInstance(id);

    private ScriptedCommand Find(InstanceId id, CommandId command) =>
        Find(id).TryGetValue(command, out var found) ? found : throw HostRefusal.NoSuchCommand(command);
}
