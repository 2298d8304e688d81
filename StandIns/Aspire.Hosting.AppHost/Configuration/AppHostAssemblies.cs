using System.Reflection;

namespace Aspire.Hosting.Configuration;

/// <summary>What the build wrote into the app host's assembly: where its project is.</summary>
internal static class AppHostAssemblies
{
    public static Assembly? Find(string? assemblyName) =>
        string.IsNullOrEmpty(assemblyName) ? Assembly.GetEntryAssembly() : Assembly.Load(new AssemblyName(assemblyName));

    /// <summary>The project's directory; the current one for an assembly that names none, or that was moved to another machine.</summary>
    public static string ProjectDirectory(Assembly? assembly) =>
        Metadata(assembly, "apphostprojectpath") is { } path && Directory.Exists(path)
            ? Path.TrimEndingDirectorySeparator(path)
            : Directory.GetCurrentDirectory();

    public static string? Metadata(Assembly? assembly, string key) =>
        assembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(attribute => string.Equals(attribute.Key, key, StringComparison.OrdinalIgnoreCase))?.Value;
}
