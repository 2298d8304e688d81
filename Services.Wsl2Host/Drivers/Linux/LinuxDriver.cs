using System.Collections.Concurrent;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Microsoft.Extensions.Options;
using Services.Wsl2Host.Drivers.Files;
using Services.Wsl2Host.Drivers.Linux.Cgroups;
using Services.Wsl2Host.Drivers.Linux.Mounts;
using Services.Wsl2Host.Drivers.Linux.Native;
using Services.Wsl2Host.Drivers.Linux.Network;
using Services.Wsl2Host.Drivers.Linux.Sandbox;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Drivers.Linux;

/// <summary>
/// Instances on Linux: a cgroup, a disk in memory, a network namespace and a user for each, and each command in a sandbox of its own by bubblewrap,
/// never started as root. See <c>docs/isolation.md</c> for what holds what back.
/// </summary>
internal sealed partial class LinuxDriver : IInstanceDriver, IAsyncDisposable
{
    /// <summary>Shared by all hosts of a machine.</summary>
    internal const string UserIdDirectory = "/run/agentplatform/users";

    /// <summary>Looks at a group that was killed before it is killed again, and before the looks become rarer.</summary>
    private const int KillLooks = 128;

    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<InstanceId, LinuxInstance> _instances = [];
    private readonly Wsl2HostOptions _options;
    private readonly HostDirectories _directories;
    private readonly TimeProvider _time;
    private readonly ILogger<LinuxDriver> _logger;
    private readonly UserIds _users;
    private readonly SandboxFiles _sandboxFiles;
    private readonly Lazy<Machinery> _machinery;
    private int _disposed;

    public LinuxDriver(IOptions<Wsl2HostOptions> options, HostDirectories directories, TimeProvider time, ILogger<LinuxDriver> logger)
    {
        (_options, _directories, _time, _logger) = (options.Value, directories, time, logger);
        _users = new UserIds(UserIdDirectory, directories, _options.UserIdFirst, _options.UserIdCount);
        _sandboxFiles = new SandboxFiles(directories, [.. _options.ReadOnlyPaths]);
        _machinery = new Lazy<Machinery>(() => new Machinery(
            DetectCgroups(out var missing) ?? throw new PlatformNotSupportedException(missing),
            _sandboxFiles,
            _users.Tools,
            time));
    }

    public string Name => "linux";

    public DriverCapabilities Capabilities { get; } = new(Isolated: true, Workspaces: true, Doors: true);

    private Machinery Machine => _machinery.Value;

    public async Task CreateAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        if (_instances.ContainsKey(spec.Id))
        {
            return;
        }

        var place = new InstancePlace(_directories, spec.Id);
        var user = _users.Take();
        Machine.Owners.Prepare(_users.Tools, user);
        try
        {
            HostDirectories.Make(place.Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute);
            Libc.Check(Libc.ChangeOwner(place.Root, 0, user), $"giving {place.Root} its group");
            var handle = new LinuxHandle(LinuxHandle.CurrentVersion, spec.Id, user, Ready: false, Leaving: false, Checkout: null);
            Write(place, handle);
            Directory.CreateDirectory(place.Commands);
            Directory.CreateDirectory(place.Spools);
            HostDirectories.Make(place.Doors, ReadableByAll);
            Machine.Cgroups.Create(spec.Id.ToString(), new ResourceLimits(spec.MemoryBytes, spec.CpuMillis, spec.ProcessesMax));
            Scratch.Create(place, user, spec.DiskBytes);
            var network = await Machine.Networks.TakeAsync();
            handle = handle with { Ready = true };
            Write(place, handle);
            _instances[spec.Id] = new LinuxInstance(place, handle, network);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            await RemoveAsync(spec.Id, place, user);
            throw HostRefusal.StartFailed("The machine refused a step of making the instance.", failure);
        }
    }

    public async Task AttachAsync(InstanceId instance, CheckoutMount checkout, CancellationToken cancellationToken)
    {
        var held = Find(instance);
        await held.Gate.WaitAsync(cancellationToken);
        try
        {
            if (held.Handle.Checkout == checkout)
            {
                return;
            }

            if (held.HasWorkspace || !held.Commands.IsEmpty)
            {
                throw HostRefusal.Conflict(HostProblemCodes.WorkspaceInUse, "The instance has a workspace already.");
            }

            using var owner = await Machine.Owners.TakeAsync(_users.Tools, held.Handle.UserId);
            Scratch.Attach(held.Place, checkout.Tree, (int)owner.DangerousGetHandle());
            held.Handle = held.Handle with { Checkout = checkout };
            Write(held.Place, held.Handle);
        }
        finally
        {
            held.Gate.Release();
        }
    }

    public InstanceUsage? Usage(InstanceId instance)
    {
        var held = Find(instance);
        var used = Machine.Cgroups.Usage(held.Group);
        return new InstanceUsage(used.MemoryBytes, used.CpuSeconds, used.Processes, Scratch.Used(held.Place), used.OutOfMemoryKills);
    }

    public async Task DestroyAsync(InstanceId instance, CancellationToken cancellationToken)
    {
        if (!_instances.TryGetValue(instance, out var held))
        {
            return;
        }

        await held.Gate.WaitAsync(cancellationToken);
        try
        {
            if (!_instances.ContainsKey(instance))
            {
                return;
            }

            held.Handle = held.Handle with { Leaving = true };
            Write(held.Place, held.Handle);
            foreach (var command in held.Commands.Values)
            {
                command.Leave();
            }

            // While everything in it ends, what does not need to wait for that.
            Machine.Cgroups.Kill(held.Group, leaf: null);
            Scratch.Remove(held.Place);
            TryDelete(held.Place.Spools);
            await KillAsync(held.Group, leaf: null);
            foreach (var command in held.Commands.Values)
            {
                command.SettleGone();
            }

            await RemoveAsync(instance, held.Place, held.Handle.UserId);
            _instances.TryRemove(instance, out _);
        }
        finally
        {
            held.Gate.Release();
        }

        held.Dispose();
    }

    public string Workspace(InstanceId instance)
    {
        var held = Find(instance);
        return held.HasWorkspace ? held.Place.Workspace : held.Place.Changes;
    }

    public ISandboxedTools Tools => Machine.Tools;

    public DoorPlace Doors(InstanceId instance)
    {
        var held = Find(instance);
        return new DoorPlace(held.Place.Doors, port => Machine.Networks.InsideAsync(held.Network, () => LoopbackListener.Start(port)));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // A container that knows the driver under two names disposes of it twice.
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        foreach (var instance in _instances.Values)
        {
            // What is being removed is removed to its end.
            await instance.Gate.WaitAsync();
            instance.Dispose();
        }

        _instances.Clear();
        if (_machinery.IsValueCreated)
        {
            Machine.Dispose();
        }
    }

    private static UnixFileMode ReadableByAll =>
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static void Write(InstancePlace place, LinuxHandle handle) => HandleFile.Write(place.Handle, handle, LinuxJsonContext.Default.LinuxHandle);

    private LinuxInstance Find(InstanceId id) => _instances.TryGetValue(id, out var instance) ? instance : throw HostRefusal.NoSuchInstance(id);

    private LinuxCommand Find(InstanceId id, CommandId command) =>
        Find(id).Commands.TryGetValue(command, out var found) ? found : throw HostRefusal.NoSuchCommand(command);

    private ICgroups? DetectCgroups(out string missing) =>
        CgroupDetection.Detect($"{_options.CgroupParent}/{_directories.Key}", File.ReadLines("/proc/self/mountinfo"), out missing);

    /// <summary>Ends a group, and waits until it is empty.</summary>
    private async Task KillAsync(string group, string? leaf)
    {
        var begun = _time.GetTimestamp();
        for (var tries = 0; Machine.Cgroups.IsPopulated(group, leaf); tries++)
        {
            // What is forked meanwhile is killed too. Once more now and then, for a process that joined after.
            if (tries % KillLooks == 0)
            {
                Machine.Cgroups.Kill(group, leaf);
            }

            if (_time.GetElapsedTime(begun) > KillTimeout)
            {
                throw HostRefusal.StartFailed("Processes of the instance do not end.");
            }

            // The kernel takes about a millisecond as a rule, less than a timer can wait.
            if (tries < KillLooks)
            {
                Thread.Yield();
            }
            else
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), _time);
            }
        }
    }

    private async Task RemoveAsync(InstanceId instance, InstancePlace place, uint? user)
    {
        Scratch.Remove(place);
        for (var tries = 0; !Machine.Cgroups.Remove(instance.ToString()); tries++)
        {
            if (tries > 100)
            {
                throw HostRefusal.StartFailed("The instance's control group cannot be removed.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(tries), _time);
        }

        Delete(place.Spools);
        Delete(place.Root);
        if (user is { } taken)
        {
            Machine.Owners.Forget(_users.Tools, taken);
            _users.Return(taken);
        }
    }

    private static void TryDelete(string directory)
    {
        try
        {
            Delete(directory);
        }
        catch (IOException)
        {
            // A process that was just opening a file; when it has ended, it is deleted.
        }
    }

    private static void Delete(string directory)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>What the driver works with on a machine that is fit for it.</summary>
    private sealed class Machinery : IDisposable
    {
        public Machinery(ICgroups cgroups, SandboxFiles files, uint tools, TimeProvider time)
        {
            Cgroups = cgroups;
            Launcher = new Launcher(Networks, cgroups, files);
            Tools = new LinuxTools(tools, Networks, cgroups, Events, files, Launcher, time);
        }

        public ICgroups Cgroups { get; }

        public NetworkNamespaces Networks { get; } = new();

        public KernelEvents Events { get; } = new();

        public UserNamespaces Owners { get; } = new();

        public Launcher Launcher { get; }

        public LinuxTools Tools { get; }

        public void Dispose()
        {
            Events.Dispose();
            Networks.Dispose();
            Owners.Dispose();
        }
    }
}
