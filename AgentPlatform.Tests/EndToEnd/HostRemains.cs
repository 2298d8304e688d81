using Services.Wsl2Host.Hosting;

namespace AgentPlatform.Tests.EndToEnd;

/// <summary>What a machine still holds of a host's instances: control groups and the processes in them, mounts, directories, users.</summary>
internal static class HostRemains
{
    private const string Users = "/run/agentplatform/users";

    public static IReadOnlyList<string> Of(Wsl2HostOptions options)
    {
        var directories = new HostDirectories(options);
        return
        [
            .. Cgroups(options).SelectMany(Directory.EnumerateDirectories),
            .. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(directories.Instances, StringComparison.Ordinal)),
            .. Entries(directories.Instances),
            .. Entries(directories.Spools),
            .. Directory.Exists(Users) ? Directory.EnumerateFiles(Users).Where(file => Read(file) == directories.Runtime) : [],
        ];
    }

    /// <summary>The host's own cgroup in every hierarchy of this machine.</summary>
    public static IEnumerable<string> Cgroups(Wsl2HostOptions options)
    {
        var key = new HostDirectories(options).Key;
        return Directory.EnumerateDirectories("/sys/fs/cgroup")
            .Append("/sys/fs/cgroup")
            .Select(root => Path.Combine(root, options.CgroupParent, key))
            .Where(Directory.Exists);
    }

    private static IEnumerable<string> Entries(string directory) => Directory.Exists(directory) ? Directory.EnumerateFileSystemEntries(directory) : [];

    /// <summary>A user that is given back just now is none.</summary>
    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (FileNotFoundException)
        {
            return string.Empty;
        }
    }
}
