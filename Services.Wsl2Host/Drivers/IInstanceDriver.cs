using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;

namespace Services.Wsl2Host.Drivers;

/// <summary>
/// Makes instances on one kind of machine and runs commands in them. A driver knows nothing of runs, leases and generations, and keeps everything it
/// must know after its own death on disk before it acts. Every method may be repeated: what is done already stays done. Refusals are
/// <see cref="HostRefusal"/>s.
/// </summary>
internal interface IInstanceDriver
{
    /// <summary>The name that configuration chooses it by.</summary>
    string Name { get; }

    /// <summary>What it can do beyond the contract.</summary>
    DriverCapabilities Capabilities { get; }

    /// <summary>Looks at the machine. Nothing else is called while it is not ready.</summary>
    Task<HostFingerprint> FingerprintAsync(CancellationToken cancellationToken);

    /// <summary>Makes an instance, ready for commands.</summary>
    Task CreateAsync(InstanceSpec spec, CancellationToken cancellationToken);

    /// <summary>Lays a checkout under the workspace. No command may have been started yet.</summary>
    Task AttachAsync(InstanceId instance, CheckoutMount checkout, CancellationToken cancellationToken);

    /// <summary>Starts a command, detached: it goes on whatever becomes of this process.</summary>
    Task<CommandStatus> StartAsync(InstanceId instance, CommandSpec command, CancellationToken cancellationToken);

    /// <summary>A command as it is now.</summary>
    CommandStatus Inspect(InstanceId instance, CommandId command);

    /// <summary>Every command of an instance, in the order of their start.</summary>
    IReadOnlyList<CommandStatus> Commands(InstanceId instance);

    /// <summary>Completes when a command has ended.</summary>
    Task<CommandStatus> WaitAsync(InstanceId instance, CommandId command, CancellationToken cancellationToken);

    /// <summary>Reads output from an offset on. An empty page that is not the end can be waited on with <see cref="WaitForOutputAsync"/>.</summary>
    Task<OutputPage> ReadAsync(InstanceId instance, CommandId command, OutputStream stream, long offset, int bytesMax, CancellationToken cancellationToken);

    /// <summary>Completes when there may be output beyond an offset, or the command has ended.</summary>
    Task WaitForOutputAsync(InstanceId instance, CommandId command, OutputStream stream, long offset, CancellationToken cancellationToken);

    /// <summary>Writes numbered input, exactly once.</summary>
    /// <returns>The number of the last accepted write.</returns>
    Task<long> WriteInputAsync(InstanceId instance, CommandId command, long number, ReadOnlyMemory<byte> data, bool end, CancellationToken cancellationToken);

    /// <summary>Sends a signal to a command's process group; <see cref="CommandSignal.Kill"/> ends its whole tree.</summary>
    Task SignalAsync(InstanceId instance, CommandId command, CommandSignal signal, CancellationToken cancellationToken);

    /// <summary>Asks a command to end, and after the grace ends its whole tree.</summary>
    /// <param name="instance">Its instance.</param>
    /// <param name="command">The command.</param>
    /// <param name="reason">What its end is to be called: <see cref="CommandEnd.Stopped"/> or <see cref="CommandEnd.TimedOut"/>.</param>
    /// <param name="grace">How long it has to end by itself.</param>
    /// <param name="cancellationToken">Ends the waiting, not the stopping.</param>
    Task<CommandStatus> StopAsync(InstanceId instance, CommandId command, CommandEnd reason, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>Ends everything in an instance and takes it away: processes, limits, mounts, files.</summary>
    Task DestroyAsync(InstanceId instance, CancellationToken cancellationToken);

    /// <summary>Where sockets can be put so that an instance finds them; null for a driver without doors.</summary>
    DoorPlace? Doors(InstanceId instance);

    /// <summary>The workspace's directory on this machine, to read from with care; null for a driver without workspaces.</summary>
    string? Workspace(InstanceId instance);

    /// <summary>Runs the host's own tools, such as git, in sandboxes; null for a driver without workspaces.</summary>
    ISandboxedTools? Tools { get; }

    /// <summary>What an instance uses; null where that cannot be known.</summary>
    InstanceUsage? Usage(InstanceId instance);

    /// <summary>
    /// Takes up what an earlier process left: running commands are watched again, ended ones get their result, half-made and half-removed instances are removed.
    /// </summary>
    /// <returns>The instances that are there.</returns>
    Task<IReadOnlyList<InstanceId>> RecoverAsync(CancellationToken cancellationToken);

    /// <summary>Removes what belongs to no instance.</summary>
    /// <param name="grace">How long something must have been without an owner.</param>
    /// <param name="dryRun">Whether to look only.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>What was removed, or would have been.</returns>
    Task<IReadOnlyList<string>> ReapAsync(TimeSpan grace, bool dryRun, CancellationToken cancellationToken);
}

/// <summary>Where the host can listen for one instance.</summary>
/// <param name="Directory">A directory of this machine that the instance sees as <see cref="InstancePaths.Doors"/>.</param>
/// <param name="ListenAsync">Listens on a port of the instance's own loopback.</param>
internal sealed record DoorPlace(string Directory, Func<int, Task<System.Net.Sockets.Socket>> ListenAsync);

/// <summary>What a driver can do beyond the contract.</summary>
/// <param name="Isolated">Whether what runs in an instance is kept from the machine and from other instances.</param>
/// <param name="Workspaces">Whether checkouts can be laid under a workspace.</param>
/// <param name="Doors">Whether sockets can be put where an instance finds them.</param>
internal sealed record DriverCapabilities(bool Isolated, bool Workspaces, bool Doors);
