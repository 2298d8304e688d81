using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Dashboard;

/// <summary>Finds the dashboard's program on this machine.</summary>
internal static class DashboardProgram
{
    /// <summary>The version that <c>eng/install-dashboard.sh</c> installs.</summary>
    public const string Version = "13.5.4";

    /// <summary>Configuration key of a directory or a program to use instead of the installed one.</summary>
    public const string PathKey = "ASPIRE_DASHBOARD_PATH";

    private static readonly string ProgramName = OperatingSystem.IsWindows() ? "aspire-managed.exe" : "aspire-managed";

    /// <summary>Where the dashboard is looked for.</summary>
    public static string Place(IConfiguration configuration) =>
        configuration[PathKey] is { Length: > 0 } path
            ? Path.GetFullPath(path)
            : Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
                "AgentPlatform", "aspire-dashboard", Version);

    /// <summary>The program at or below a place: itself, in its directory, or where the Aspire command line unpacks it.</summary>
    /// <returns>The absolute path, or null when it is not there.</returns>
    public static string? Find(string place)
    {
        if (File.Exists(place))
        {
            return place;
        }

        return Directory.Exists(place)
            ? Below(place, depth: 2).Select(static directory => Path.Combine(directory, ProgramName)).FirstOrDefault(File.Exists)
            : null;
    }

    /// <summary>A directory and those in it, nearest first; each is followed by the <c>managed</c> directory that it may hold.</summary>
    private static IEnumerable<string> Below(string root, int depth)
    {
        var level = new List<string> { root };
        for (var i = 0; i <= depth; i++)
        {
            foreach (var directory in level)
            {
                yield return directory;
                yield return Path.Combine(directory, "managed");
            }

            level = [.. level.SelectMany(Directory.EnumerateDirectories).Order(StringComparer.Ordinal)];
        }
    }
}
