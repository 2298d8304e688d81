using System.Globalization;

namespace Services.Wsl2Host.Drivers.Linux.Cgroups;

/// <summary>
/// Cgroups where the controllers are version 1 and a version 2 hierarchy lies beside them: limits are set there, killing and waiting are done here.
/// Emptiness is never read from <c>pids.current</c>, whose last charge lingers for seconds.
/// </summary>
/// <param name="unified">The version 2 hierarchy.</param>
/// <param name="controllers">Where each version 1 controller is mounted.</param>
/// <param name="parent">The host's own group, in every hierarchy.</param>
internal sealed class HybridCgroups(UnifiedGroups unified, IReadOnlyDictionary<string, string> controllers, string parent) : ICgroups
{
    /// <summary>The controllers that must be there. Processor accounting may share a hierarchy with the processor limit.</summary>
    public static IReadOnlyList<string> Needed { get; } = ["memory", "pids", "cpu"];

    public string Kind => "hybrid";

    public void Prepare()
    {
        unified.Prepare([]);
        foreach (var mount in Hierarchies())
        {
            var path = mount;
            foreach (var part in parent.Split('/'))
            {
                path = Path.Combine(path, part);
                CgroupFiles.Make(path);
            }
        }
    }

    public void Create(string name, ResourceLimits limits)
    {
        CgroupFiles.Make(unified.Group(name));
        foreach (var mount in Hierarchies())
        {
            CgroupFiles.Make(Path.Combine(mount, parent, name));
        }

        var memory = limits.MemoryBytes.ToString(CultureInfo.InvariantCulture);
        CgroupFiles.Write(Path.Combine(Group("memory", name), "memory.limit_in_bytes"), memory);
        CgroupFiles.WriteIfPresent(Path.Combine(Group("memory", name), "memory.memsw.limit_in_bytes"), memory);
        CgroupFiles.Write(Path.Combine(Group("pids", name), "pids.max"), limits.ProcessesMax.ToString(CultureInfo.InvariantCulture));
        CgroupFiles.Write(Path.Combine(Group("cpu", name), "cpu.cfs_quota_us"), (limits.CpuMillis * 100L).ToString(CultureInfo.InvariantCulture));
    }

    public void CreateLeaf(string name, string leaf) => CgroupFiles.Make(unified.Group(name, leaf));

    public IReadOnlyList<string> JoinFiles(string name, string? leaf) =>
        [.. Hierarchies().Select(mount => Path.Combine(mount, parent, name, "cgroup.procs")), unified.JoinFile(name, leaf)];

    public string PathOf(string name, string? leaf) => unified.Group(name, leaf);

    public string EventsFile(string name, string? leaf) => unified.EventsFile(name, leaf);

    public bool IsPopulated(string name, string? leaf) => unified.IsPopulated(name, leaf);

    public IReadOnlyList<int> Processes(string name, string? leaf) => CgroupFiles.Processes(unified.Group(name, leaf));

    public void Kill(string name, string? leaf) => unified.Kill(name, leaf);

    public ResourceUsage Usage(string name) => new(
        CgroupFiles.ReadValue(Path.Combine(Group("memory", name), "memory.usage_in_bytes")),
        CgroupFiles.ReadValue(Path.Combine(Group(controllers.ContainsKey("cpuacct") ? "cpuacct" : "cpu", name), "cpuacct.usage")) / 1e9,
        (int)CgroupFiles.ReadValue(Path.Combine(Group("pids", name), "pids.current")),
        CgroupFiles.ReadKey(Path.Combine(Group("memory", name), "memory.oom_control"), "oom_kill"));

    public bool RemoveLeaf(string name, string leaf) => CgroupFiles.Remove(unified.Group(name, leaf));

    public bool Remove(string name)
    {
        var gone = true;
        foreach (var mount in Hierarchies())
        {
            gone &= CgroupFiles.Remove(Path.Combine(mount, parent, name));
        }

        // Last, because a host that is interrupted finds by it what is still to be removed.
        return gone && CgroupFiles.Remove(unified.Group(name));
    }

    public IReadOnlyList<string> List() => CgroupFiles.Children(unified.Base);

    private string Group(string controller, string name) => Path.Combine(controllers[controller], parent, name);

    private IEnumerable<string> Hierarchies() => controllers.Values.Distinct(StringComparer.Ordinal);
}
