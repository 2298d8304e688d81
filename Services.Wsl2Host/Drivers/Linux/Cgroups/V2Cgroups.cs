using System.Globalization;

namespace Services.Wsl2Host.Drivers.Linux.Cgroups;

/// <summary>Cgroups where everything is version 2.</summary>
/// <param name="unified">The hierarchy.</param>
internal sealed class V2Cgroups(UnifiedGroups unified) : ICgroups
{
    public string Kind => "v2";

    public void Prepare() => unified.Prepare(["memory", "pids", "cpu"]);

    public void Create(string name, ResourceLimits limits)
    {
        var group = unified.Group(name);
        CgroupFiles.Make(group);
        CgroupFiles.Write(Path.Combine(group, "memory.max"), limits.MemoryBytes.ToString(CultureInfo.InvariantCulture));
        CgroupFiles.WriteIfPresent(Path.Combine(group, "memory.swap.max"), "0");
        CgroupFiles.Write(Path.Combine(group, "pids.max"), limits.ProcessesMax.ToString(CultureInfo.InvariantCulture));
        CgroupFiles.Write(Path.Combine(group, "cpu.max"), string.Create(CultureInfo.InvariantCulture, $"{limits.CpuMillis * 100L} 100000"));
    }

    public void CreateLeaf(string name, string leaf) => CgroupFiles.Make(unified.Group(name, leaf));

    public IReadOnlyList<string> JoinFiles(string name, string? leaf) => [unified.JoinFile(name, leaf)];

    public string PathOf(string name, string? leaf) => unified.Group(name, leaf);

    public string EventsFile(string name, string? leaf) => unified.EventsFile(name, leaf);

    public bool IsPopulated(string name, string? leaf) => unified.IsPopulated(name, leaf);

    public IReadOnlyList<int> Processes(string name, string? leaf) => CgroupFiles.Processes(unified.Group(name, leaf));

    public void Kill(string name, string? leaf) => unified.Kill(name, leaf);

    public ResourceUsage Usage(string name)
    {
        var group = unified.Group(name);
        return new ResourceUsage(
            CgroupFiles.ReadValue(Path.Combine(group, "memory.current")),
            CgroupFiles.ReadKey(Path.Combine(group, "cpu.stat"), "usage_usec") / 1e6,
            (int)CgroupFiles.ReadValue(Path.Combine(group, "pids.current")),
            CgroupFiles.ReadKey(Path.Combine(group, "memory.events"), "oom_kill"));
    }

    public bool RemoveLeaf(string name, string leaf) => CgroupFiles.Remove(unified.Group(name, leaf));

    public bool Remove(string name) => CgroupFiles.Remove(unified.Group(name));

    public IReadOnlyList<string> List() => CgroupFiles.Children(unified.Base);
}
