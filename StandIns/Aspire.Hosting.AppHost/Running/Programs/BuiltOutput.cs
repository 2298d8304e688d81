using System.Reflection;
using System.Xml;
using System.Xml.Linq;
using Aspire.Hosting.Configuration;

namespace Aspire.Hosting.Running.Programs;

/// <summary>Finds what a project was built to.</summary>
internal static class BuiltOutput
{
    private const int SourceFilesMax = 20_000;
    private static readonly string[] SourceExtensions = [".cs", ".csproj", ".razor", ".cshtml", ".resx", ".proto"];
    private static readonly string[] OtherDirectories = ["bin", "obj", "node_modules"];

    /// <summary>
    /// What the app host's own build wrote down; for a project that it does not refer to, the newest runnable assembly, of the app
    /// host's configuration where there is one.
    /// </summary>
    /// <returns>Its path, or null when the project has not been built.</returns>
    public static string? Find(string projectPath, Assembly? appHost) =>
        AppHostAssemblies.Metadata(appHost, $"apphostprojectoutput:{projectPath}") is { } recorded && File.Exists(recorded)
            ? recorded
            : Search(projectPath, AppHostAssemblies.Metadata(appHost, "apphostconfiguration"));

    /// <summary>A source file that was changed after the assembly was built.</summary>
    /// <returns>Its path, or null when the assembly is up to date.</returns>
    public static string? NewerSource(string projectPath, string assembly)
    {
        var built = File.GetLastWriteTimeUtc(assembly);
        return Sources(new DirectoryInfo(Path.GetDirectoryName(projectPath)!))
            .Take(SourceFilesMax)
            .FirstOrDefault(file => file.LastWriteTimeUtc > built)?.FullName;
    }

    private static string? Search(string projectPath, string? configuration)
    {
        var bin = Path.Combine(Path.GetDirectoryName(projectPath)!, "bin");
        if (!Directory.Exists(bin))
        {
            return null;
        }

        // A runtimeconfig.json stands beside what can be run, and not beside copies that other projects made of the assembly.
        var name = AssemblyName(projectPath);
        return Directory.EnumerateFiles(bin, $"{name}.runtimeconfig.json", SearchOption.AllDirectories)
            .Select(config => Path.Combine(Path.GetDirectoryName(config)!, $"{name}.dll"))
            .Where(assembly => File.Exists(assembly) && !IsPublished(assembly))
            .OrderByDescending(assembly => IsOfConfiguration(assembly, bin, configuration))
            .ThenByDescending(File.GetLastWriteTimeUtc)
            .FirstOrDefault();
    }

    private static IEnumerable<FileInfo> Sources(DirectoryInfo directory)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos())
        {
            if (entry is FileInfo file && SourceExtensions.Contains(file.Extension))
            {
                yield return file;
            }
            else if (entry is DirectoryInfo child && child.Name[0] != '.' && !OtherDirectories.Contains(child.Name))
            {
                foreach (var source in Sources(child))
                {
                    yield return source;
                }
            }
        }
    }

    private static string AssemblyName(string projectPath)
    {
        try
        {
            var set = XDocument.Load(projectPath).Descendants("AssemblyName").FirstOrDefault()?.Value.Trim();
            return string.IsNullOrEmpty(set) || set.Contains("$(", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(projectPath) : set;
        }
        catch (XmlException)
        {
            return Path.GetFileNameWithoutExtension(projectPath);
        }
    }

    private static bool IsPublished(string assembly) => Path.GetFileName(Path.GetDirectoryName(assembly)) == "publish";

    private static bool IsOfConfiguration(string assembly, string bin, string? configuration) =>
        Path.GetRelativePath(bin, assembly).Split(Path.DirectorySeparatorChar)[0].Equals(configuration, StringComparison.OrdinalIgnoreCase);
}
