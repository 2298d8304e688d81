namespace Services.Wsl2Host.Drivers.Linux.Cgroups;

/// <summary>
/// The limits of one instance or tool run, and the one sure way to end everything in it. Below the group of an instance, each command has a group
/// of its own (a leaf, and below it one for the sandbox alone), which ends and reports emptiness without the others.
/// </summary>
internal interface ICgroups
{
    /// <summary><c>v2</c> or <c>hybrid</c>.</summary>
    string Kind { get; }

    /// <summary>Makes the host's own group, under which all others lie.</summary>
    void Prepare();

    /// <summary>Makes a group with limits. One that is there keeps what runs in it and gets the limits.</summary>
    void Create(string name, ResourceLimits limits);

    /// <summary>Makes the group of a command below the group of its instance.</summary>
    void CreateLeaf(string name, string leaf);

    /// <summary>The files into which a process writes <c>0</c> to join the group of a command.</summary>
    IReadOnlyList<string> JoinFiles(string name, string? leaf);

    /// <summary>Where a group is in the hierarchy that can end it.</summary>
    string PathOf(string name, string? leaf);

    /// <summary>The file that changes when a group becomes empty.</summary>
    string EventsFile(string name, string? leaf);

    /// <summary>Whether anything runs in a group or below it; false if there is no such group.</summary>
    bool IsPopulated(string name, string? leaf);

    /// <summary>The processes directly in a group.</summary>
    IReadOnlyList<int> Processes(string name, string? leaf);

    /// <summary>Ends everything in a group and below it, at once and without a chance to fork away.</summary>
    void Kill(string name, string? leaf);

    /// <summary>What a group uses.</summary>
    ResourceUsage Usage(string name);

    /// <summary>Takes an empty group away.</summary>
    /// <returns>Whether it is gone.</returns>
    bool RemoveLeaf(string name, string leaf);

    /// <summary>Takes an empty group away, with those below it.</summary>
    /// <returns>Whether it is gone.</returns>
    bool Remove(string name);

    /// <summary>Every group of this host.</summary>
    IReadOnlyList<string> List();
}

/// <summary>Limits of a group.</summary>
/// <param name="MemoryBytes">Memory, files in memory included; nothing is swapped.</param>
/// <param name="CpuMillis">Thousandths of one processor.</param>
/// <param name="ProcessesMax">Processes and threads.</param>
internal sealed record ResourceLimits(long MemoryBytes, int CpuMillis, int ProcessesMax);

/// <summary>What a group uses.</summary>
/// <param name="MemoryBytes">Memory.</param>
/// <param name="CpuSeconds">Processor time so far.</param>
/// <param name="Processes">Processes and threads.</param>
/// <param name="OutOfMemoryKills">Processes that the kernel ended for lack of memory.</param>
internal sealed record ResourceUsage(long MemoryBytes, double CpuSeconds, int Processes, long OutOfMemoryKills);
