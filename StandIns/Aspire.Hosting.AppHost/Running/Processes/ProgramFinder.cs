using System.Runtime.InteropServices;

namespace Aspire.Hosting.Running.Processes;

/// <summary>Finds programs as a shell would.</summary>
internal static class ProgramFinder
{
    /// <summary>
    /// The absolute path of <paramref name="command"/>: itself when it is rooted, relative to <paramref name="directory"/>
    /// when it has a directory part, else the first match on PATH.
    /// </summary>
    /// <returns>The path, or null when there is no such program.</returns>
    public static string? Find(string command, string? directory = null, params ReadOnlySpan<string> places)
    {
        if (Path.IsPathRooted(command) || command.AsSpan().ContainsAny(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar))
        {
            return Existing(Path.GetFullPath(command, directory ?? Environment.CurrentDirectory));
        }

        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        foreach (var place in (IEnumerable<string>)[.. path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), .. places])
        {
            if (Existing(Path.Combine(place, command)) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>The dotnet host that runs this very process's runtime, else the one on PATH.</summary>
    public static string? FindDotnet()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";

        // The runtime lies in <root>/shared/Microsoft.NETCore.App/<version>/.
        var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return Existing(beside) ?? Find(name);
    }

    private static string? Existing(string path)
    {
        string[] candidates = OperatingSystem.IsWindows() && !Path.HasExtension(path)
            ? [path + ".exe", path + ".cmd", path + ".bat"]
            : [path];
        return candidates.FirstOrDefault(IsProgram);
    }

    private static bool IsProgram(string path) =>
        File.Exists(path)
        && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
