using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Drivers.Files;
using Services.Wsl2Host.Drivers.Linux.Native;
using Services.Wsl2Host.Drivers.Linux.Sandbox;

namespace Services.Wsl2Host.Drivers.Linux;

/// <content>Commands.</content>
internal sealed partial class LinuxDriver
{
    private const uint FileMode600 = 0x180;
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SignalTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How often a sandbox that is being made is asked for its process.</summary>
    private static readonly TimeSpan StartPoll = TimeSpan.FromMilliseconds(5);

    public async Task<CommandStatus> StartAsync(InstanceId instance, CommandSpec command, CancellationToken cancellationToken)
    {
        var held = Find(instance);
        await held.Gate.WaitAsync(cancellationToken);
        try
        {
            if (held.Handle.Leaving)
            {
                throw HostRefusal.NoSuchInstance(instance);
            }

            if (held.Commands.TryGetValue(command.Id, out var known))
            {
                return known.Status();
            }

            var started = Prepare(held, command);
            held.Commands[command.Id] = started;
            await LaunchAsync(held, started, command);
            return started.Status();
        }
        finally
        {
            held.Gate.Release();
        }
    }

    public CommandStatus Inspect(InstanceId instance, CommandId command) => Find(instance, command).Status();

    public IReadOnlyList<CommandStatus> Commands(InstanceId instance) =>
        [.. Find(instance).Commands.Values.OrderBy(command => command.Handle.StartedAt).Select(command => command.Status())];

    public async Task<CommandStatus> WaitAsync(InstanceId instance, CommandId command, CancellationToken cancellationToken)
    {
        var found = Find(instance, command);
        await found.Ended.WaitAsync(cancellationToken);
        return found.Status();
    }

    public Task<OutputPage> ReadAsync(InstanceId instance, CommandId command, OutputStream stream, long offset, int bytesMax, CancellationToken cancellationToken)
    {
        var found = Find(instance, command);
        return Task.FromResult(Spool.Read(found.Files.Of(stream), offset, bytesMax, found.Result is not null));
    }

    public async Task WaitForOutputAsync(InstanceId instance, CommandId command, OutputStream stream, long offset, CancellationToken cancellationToken)
    {
        var found = Find(instance, command);
        var path = found.Files.Of(stream);
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (found.Result is not null || !File.Exists(path))
        {
            return;
        }

        using var watch = Machine.Events.WatchFile(path, () => changed.TrySetResult());

        // After the watch began, so that what is written between is not missed.
        if (Spool.Readable(path, ended: false) <= offset)
        {
            await Task.WhenAny(changed.Task, found.Ended).WaitAsync(cancellationToken);
        }
    }

    public async Task<long> WriteInputAsync(
        InstanceId instance, CommandId command, long number, ReadOnlyMemory<byte> data, bool end, CancellationToken cancellationToken)
    {
        var held = Find(instance);
        var found = Find(instance, command);
        await held.Gate.WaitAsync(cancellationToken);
        try
        {
            if (!found.Handle.Input || found.Result is not null)
            {
                throw HostRefusal.Conflict(HostProblemCodes.InputClosed, found.Handle.Input ? "The command has ended." : "The command was started without input.");
            }

            var accepted = new InputFiles(found.Files.Inputs).Write(number, data.Span, end);
            Ring(found.Files);
            return accepted;
        }
        finally
        {
            held.Gate.Release();
        }
    }

    public async Task SignalAsync(InstanceId instance, CommandId command, CommandSignal signal, CancellationToken cancellationToken)
    {
        var found = Find(instance, command);
        if (signal == CommandSignal.Kill)
        {
            found.Files.NoteEnding(CommandEnd.Stopped);
            await EndAsync(instance, found, cancellationToken);
        }
        else
        {
            await SendAsync(found, NumberOf(signal), SignalTimeout, cancellationToken);
        }
    }

    public async Task<CommandStatus> StopAsync(
        InstanceId instance, CommandId command, CommandEnd reason, TimeSpan grace, CancellationToken cancellationToken)
    {
        var found = Find(instance, command);
        if (found.Result is null)
        {
            found.Files.NoteEnding(reason);
            if (grace > TimeSpan.Zero)
            {
                var begun = _time.GetTimestamp();
                await SendAsync(found, NumberOf(CommandSignal.Terminate), grace, cancellationToken);
                var left = grace - _time.GetElapsedTime(begun);
                await WaitAtMostAsync(found, left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken);
            }

            await EndAsync(instance, found, cancellationToken);
        }

        return found.Status();
    }

    private async Task EndAsync(InstanceId instance, LinuxCommand found, CancellationToken cancellationToken)
    {
        if (found.Result is null && Machine.Cgroups.IsPopulated(Find(instance).Group, found.Box))
        {
            // First the sandbox alone, so that what it wrote last is still carried to the spool.
            Machine.Cgroups.Kill(Find(instance).Group, found.Box);
            await WaitAtMostAsync(found, DrainTimeout, cancellationToken);
        }

        if (found.Result is null)
        {
            found.KillLauncher();
            await KillAsync(Find(instance).Group, found.Leaf);
            found.Look();
        }
    }

    /// <summary>Sends a signal to the command's process group, as soon as there is one.</summary>
    private async Task SendAsync(LinuxCommand found, int signal, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var begun = _time.GetTimestamp();
        while (found.Result is null && _time.GetElapsedTime(begun) < timeout)
        {
            if (found.MainProcess() is not null && found.SandboxProcess() is { } leader)
            {
                // The sandbox's own process leads the group; as the first of its namespace it does not feel signals that it has no handler for.
                _ = Libc.Kill(-leader, signal);
                return;
            }

            await WaitAtMostAsync(found, StartPoll, cancellationToken);
        }
    }

    private LinuxCommand Prepare(LinuxInstance held, CommandSpec command)
    {
        var files = held.Place.Command(command.Id);
        var handle = CommandHandle.Of(command, _time.GetUtcNow(), Machine.Cgroups.Usage(held.Group).OutOfMemoryKills);
        Directory.CreateDirectory(files.Directory);
        files.Write(handle);
        if (command.Input)
        {
            Directory.CreateDirectory(files.Inputs);
            Libc.Check(Libc.MakeFifo(files.InputFifo, FileMode600), "making a FIFO");
            Libc.Check(Libc.MakeFifo(files.InputBell, FileMode600), "making a FIFO");
        }

        File.WriteAllBytes(files.StandardOutput, []);
        if (!command.MergeOutput)
        {
            File.WriteAllBytes(files.StandardError, []);
        }

        return new LinuxCommand(handle, files, held.Group, Machine.Cgroups, Machine.Events, _time);
    }

    private async Task LaunchAsync(LinuxInstance held, LinuxCommand started, CommandSpec command)
    {
        try
        {
            Machine.Cgroups.CreateLeaf(held.Group, started.Leaf);
            Machine.Cgroups.CreateLeaf(held.Group, started.Box);
            started.WatchGroup(launching: true);
            var launcher = await Machine.Launcher.StartAsync(
                held.Network, held.Handle.UserId, held.Group, command, started.Files, Arguments(held, command));
            started.WatchLauncher(launcher, child: true);
            started.NoteLauncher(launcher);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            started.Settle(new CommandResult(CommandEnd.NotStarted, null, _time.GetUtcNow()));
            throw HostRefusal.StartFailed("The machine refused a step of starting the command.", failure);
        }
    }

    private SandboxArguments Arguments(LinuxInstance held, CommandSpec command)
    {
        var place = held.Place;
        var arguments = new SandboxArguments(_sandboxFiles)
            .Bind(held.HasWorkspace ? place.Workspace : place.Changes, InstancePaths.Workspace)
            .Bind(place.Home, InstancePaths.Home)
            .Bind(place.Temporary, "/tmp")
            .Link("/tmp", "/var/tmp")
            .BindReadOnly(place.Doors, InstancePaths.Doors);
        if (held.Handle.Checkout?.Objects is { } objects)
        {
            arguments.BindReadOnly(objects, CheckoutMount.ObjectsPath);
        }

        foreach (var (name, value) in command.Environment)
        {
            arguments.Variable(name, value);
        }

        foreach (var (name, value) in command.Secrets)
        {
            arguments.Variable(name, value.Value);
        }

        return arguments.WorkingDirectory(command.WorkingDirectory);
    }

    private async Task WaitAtMostAsync(LinuxCommand command, TimeSpan time, CancellationToken cancellationToken)
    {
        try
        {
            await command.Ended.WaitAsync(time, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The caller looks whether it has ended.
        }
    }

    private static unsafe void Ring(CommandFiles files)
    {
        // Fails if nobody listens any more, and then nobody needs to hear it.
        var bell = Libc.Open(files.InputBell, Libc.OpenWriteOnly | Libc.OpenNonBlocking | Libc.OpenCloseOnExec, 0);
        if (bell >= 0)
        {
            var line = (byte)'\n';
            _ = Libc.Write(bell, &line, 1);
            _ = Libc.Close(bell);
        }
    }

    private static int NumberOf(CommandSignal signal) => signal switch
    {
        CommandSignal.Hangup => 1,
        CommandSignal.Interrupt => 2,
        CommandSignal.Quit => 3,
        CommandSignal.Terminate => 15,
        _ => throw new ArgumentOutOfRangeException(nameof(signal)),
    };
}
