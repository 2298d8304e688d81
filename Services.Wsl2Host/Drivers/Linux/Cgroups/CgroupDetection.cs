namespace Services.Wsl2Host.Drivers.Linux.Cgroups;

/// <summary>Finds out which cgroups a machine has.</summary>
internal static class CgroupDetection
{
    private static readonly string[] ControllersOfInterest = [.. HybridCgroups.Needed, "cpuacct"];

    /// <summary>The cgroups of this machine; null if they cannot hold instances, with the reason.</summary>
    /// <param name="parent">The host's own group.</param>
    /// <param name="mounts">The lines of <c>/proc/self/mountinfo</c>.</param>
    /// <param name="missing">What is missing.</param>
    public static ICgroups? Detect(string parent, IEnumerable<string> mounts, out string missing)
    {
        string? unified = null;
        Dictionary<string, string> controllers = new(StringComparer.Ordinal);
        foreach (var line in mounts)
        {
            // 36 35 98:0 /root /mount/point options [tags] - type source super,options
            var fields = line.Split(' ');
            var separator = Array.IndexOf(fields, "-");
            if (separator < 5 || fields.Length < separator + 4)
            {
                continue;
            }

            if (fields[separator + 1] == "cgroup2")
            {
                unified ??= fields[4];
            }
            else if (fields[separator + 1] == "cgroup")
            {
                foreach (var controller in fields[separator + 3].Split(',').Intersect(ControllersOfInterest))
                {
                    controllers.TryAdd(controller, fields[4]);
                }
            }
        }

        missing = "";
        if (unified is null)
        {
            missing = "no cgroup version 2 hierarchy is mounted";
            return null;
        }

        if (controllers.Count == 0)
        {
            return new V2Cgroups(new UnifiedGroups(unified, parent));
        }

        var absent = HybridCgroups.Needed.Where(needed => !controllers.ContainsKey(needed)).ToList();
        if (absent.Count > 0)
        {
            missing = $"the cgroup controllers {string.Join(", ", absent)} are not mounted";
            return null;
        }

        return new HybridCgroups(new UnifiedGroups(unified, parent), controllers, parent);
    }
}
