namespace Services.Wsl2Host.Drivers.Linux.Cgroups;

/// <summary>
/// The version 2 hierarchy: the whole of it on most machines, and on hybrid ones the part that can kill, tell when a group is empty, and little else.
/// </summary>
/// <param name="root">Where it is mounted.</param>
/// <param name="parent">The host's own group, relative to it, such as <c>agentplatform/1a2b3c4d</c>.</param>
internal sealed class UnifiedGroups(string root, string parent)
{
    /// <summary>Where the host's own group is.</summary>
    public string Base { get; } = Path.Combine(root, parent);

    /// <summary>Makes the host's own group and passes controllers down to it.</summary>
    public void Prepare(IReadOnlyList<string> controllers)
    {
        var path = root;
        Delegate(path, controllers);
        foreach (var part in parent.Split('/'))
        {
            path = Path.Combine(path, part);
            CgroupFiles.Make(path);
            Delegate(path, controllers);
        }
    }

    public string Group(string name) => Path.Combine(Base, name);

    public string Group(string name, string? leaf) => leaf is null ? Group(name) : Path.Combine(Base, name, leaf);

    public string JoinFile(string name, string? leaf) => Path.Combine(Group(name, leaf), "cgroup.procs");

    public string EventsFile(string name, string? leaf) => Path.Combine(Group(name, leaf), "cgroup.events");

    public bool IsPopulated(string name, string? leaf) => CgroupFiles.ReadKey(EventsFile(name, leaf), "populated") == 1;

    public void Kill(string name, string? leaf) => CgroupFiles.WriteIfPresent(Path.Combine(Group(name, leaf), "cgroup.kill"), "1");

    private static void Delegate(string path, IReadOnlyList<string> controllers)
    {
        foreach (var controller in controllers)
        {
            CgroupFiles.Write(Path.Combine(path, "cgroup.subtree_control"), $"+{controller}");
        }
    }
}
