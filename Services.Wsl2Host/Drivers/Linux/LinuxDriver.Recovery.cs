using AgentPlatform.Contracts;
using Services.Wsl2Host.Drivers.Files;
using Services.Wsl2Host.Drivers.Linux.Cgroups;
using Services.Wsl2Host.Drivers.Linux.Mounts;
using Services.Wsl2Host.Drivers.Linux.Network;

namespace Services.Wsl2Host.Drivers.Linux;

/// <content>Taking up what an earlier process left, and removing what belongs to nobody.</content>
internal sealed partial class LinuxDriver
{
    public async Task<IReadOnlyList<InstanceId>> RecoverAsync(CancellationToken cancellationToken)
    {
        _directories.Create();
        await _sandboxFiles.PrepareAsync(cancellationToken);
        Machine.Cgroups.Prepare();
        if (_options.QuickCgroupMoves && CgroupMoves.Favor(File.ReadLines("/proc/self/mountinfo")) is { } refusal)
        {
            LogMovesNotFavored(refusal);
        }

        foreach (var directory in Directory.EnumerateDirectories(_directories.Instances))
        {
            if (!InstanceId.TryParse(Path.GetFileName(directory), null, out var id) || _instances.ContainsKey(id))
            {
                continue;
            }

            var place = new InstancePlace(_directories, id);
            var handle = HandleFile.Read(place.Handle, LinuxJsonContext.Default.LinuxHandle);
            if (handle is { Version: LinuxHandle.CurrentVersion, Ready: true, Leaving: false } && Scratch.IsThere(place))
            {
                _instances[id] = await AdoptAsync(place, handle);
                LogInstanceAdopted(id, _instances[id].Commands.Count);
            }
            else
            {
                // Half made, half removed, or from before the machine was restarted. Whoever asked for it asks again.
                await KillAsync(id.ToString(), leaf: null);
                await RemoveAsync(id, place, handle?.UserId);
                LogRemnantRemoved(id.ToString());
            }
        }

        return [.. _instances.Keys];
    }

    public async Task<IReadOnlyList<string>> ReapAsync(TimeSpan grace, bool dryRun, CancellationToken cancellationToken)
    {
        var before = _time.GetUtcNow() - grace;
        var groups = Machine.Cgroups.List().Where(group => IsOrphan(Machine.Cgroups.EventsFile(group, leaf: null), group, before)).ToList();
        var instances = Directory.EnumerateDirectories(_directories.Instances).Where(path => IsOrphan(path, Path.GetFileName(path), before)).ToList();
        var spools = Directory.EnumerateDirectories(_directories.Spools).Where(path => IsOrphan(path, Path.GetFileName(path), before)).ToList();
        List<string> found =
        [
            .. groups.Select(group => $"cgroup {group}"),
            .. instances.Select(path => $"instance directory {Path.GetFileName(path)}"),
            .. spools.Select(path => $"spool {Path.GetFileName(path)}"),
        ];
        if (!dryRun)
        {
            await RemoveOrphansAsync(groups, instances, spools);
        }

        var inUse = _instances.Values.Select(instance => instance.Handle.UserId).ToHashSet();
        found.AddRange(_users.Reconcile(inUse, before, dryRun).Select(user => $"user id {user}"));
        return found;
    }

    private async Task RemoveOrphansAsync(IEnumerable<string> groups, IEnumerable<string> instances, IEnumerable<string> spools)
    {
        foreach (var group in groups)
        {
            await KillAsync(group, leaf: null);
            Machine.Cgroups.Remove(group);
        }

        foreach (var directory in instances)
        {
            if (InstanceId.TryParse(Path.GetFileName(directory), null, out var id))
            {
                // The user id goes with the others that nobody uses.
                await RemoveAsync(id, new InstancePlace(_directories, id), user: null);
            }
        }

        foreach (var directory in spools)
        {
            Delete(directory);
        }
    }

    private bool IsOrphan(string path, string name, DateTimeOffset before) =>
        !(InstanceId.TryParse(name, null, out var id) && _instances.ContainsKey(id))
        && !Machine.Tools.IsRunning(name)
        && (File.Exists(path) || Directory.Exists(path))
        && File.GetLastWriteTimeUtc(path) <= before.UtcDateTime;

    private async Task<LinuxInstance> AdoptAsync(InstancePlace place, LinuxHandle handle)
    {
        var group = handle.Id.ToString();
        var running = CommandFiles.List(place.Commands)
            .SelectMany(command => (IEnumerable<int>)[.. Machine.Cgroups.Processes(group, LinuxCommand.BoxOf(command)), LinuxCommand.FindLauncher(place.Command(command)) ?? 0])
            .Where(process => process > 0)
            .ToList();

        // The network lives in its processes. Where none is left, nobody can tell a new one from the old.
        var network = running.Select(TryNetwork).FirstOrDefault(found => found is not null) ?? await Machine.Networks.TakeAsync();
        var instance = new LinuxInstance(place, handle, network);
        foreach (var id in CommandFiles.List(place.Commands).ToList())
        {
            if (Adopt(instance, id) is { } command)
            {
                instance.Commands[id] = command;
            }
        }

        return instance;
    }

    private LinuxCommand? Adopt(LinuxInstance instance, CommandId id)
    {
        var files = instance.Place.Command(id);
        var handle = files.ReadHandle();
        var runs = Machine.Cgroups.IsPopulated(instance.Group, id.ToString());
        var onItsWay = runs ? null : LinuxCommand.FindLauncher(files);
        if (handle is null || (!runs && onItsWay is null && !File.Exists(files.Began) && !File.Exists(files.Result)))
        {
            // It was written down but never began; whoever asked for it asks again. A launcher that nobody was told of finds no group to join.
            Machine.Cgroups.RemoveLeaf(instance.Group, id.ToString());
            Delete(files.Directory);
            return null;
        }

        var command = new LinuxCommand(handle, files, instance.Group, Machine.Cgroups, Machine.Events, _time);
        var launcher = onItsWay ?? Machine.Cgroups.Processes(instance.Group, id.ToString()).Cast<int?>().FirstOrDefault();
        if (command.Result is null && launcher is { } process)
        {
            command.WatchGroup(launching: false);
            var watched = command.WatchLauncher(process, child: false);
            if (handle.Input)
            {
                // A write that was accepted just before the end may not have been told of.
                Ring(files);
            }

            if (onItsWay is not null && watched)
            {
                // Its group is still empty, which does not mean that it has ended.
                return command;
            }
        }

        command.Look();
        return command;
    }

    private static Microsoft.Win32.SafeHandles.SafeFileHandle? TryNetwork(int process)
    {
        try
        {
            return NetworkNamespaces.OfProcess(process);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }
    }

    [LoggerMessage(3101, LogLevel.Information, "Instance {Instance} was taken up again with {Commands} commands")]
    private partial void LogInstanceAdopted(InstanceId instance, int commands);

    [LoggerMessage(3103, LogLevel.Information, "The kernel does not favour moves between control groups, so commands start some milliseconds later: {Reason}")]
    private partial void LogMovesNotFavored(string reason);

    [LoggerMessage(3102, LogLevel.Warning, "What was left of {Name} was removed")]
    private partial void LogRemnantRemoved(string name);
}
