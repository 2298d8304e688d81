using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Configuration;

namespace Aspire.Hosting.Projects;

/// <summary>Finds what a project was built to.</summary>
internal static class ProjectOutput
{
    /// <summary>The assembly of a project: the one that was built with the app host, else the usual place for the app host's configuration.</summary>
    /// <param name="appHost">The app host's assembly.</param>
    /// <param name="resource">The project.</param>
    /// <returns>Absolute path of an assembly that exists.</returns>
    /// <exception cref="DistributedApplicationException">The project has not been built.</exception>
    public static string Find(Assembly? appHost, ProjectResource resource)
    {
        var projectPath = resource.ProjectMetadata().ProjectPath;
        var output = AppHostAssemblies.Metadata(appHost, $"apphostprojectoutput:{projectPath}") ?? UsualPlace(appHost, projectPath);
        return output is not null && File.Exists(output)
            ? output
            : throw new DistributedApplicationException(
                $"Project '{projectPath}' of resource '{resource.Name}' has not been built. Build the app host with its project references, or this project.");
    }

    public static IProjectMetadata ProjectMetadata(this ProjectResource resource) =>
        resource.Annotations.OfType<ProjectMetadataAnnotation>().Last().Metadata;

    /// <summary>With several target frameworks the newest build counts.</summary>
    private static string? UsualPlace(Assembly? appHost, string projectPath)
    {
        var configuration = AppHostAssemblies.Metadata(appHost, "apphostconfiguration") ?? "Debug";
        var directory = new DirectoryInfo(Path.Combine(Path.GetDirectoryName(projectPath)!, "bin", configuration));
        var assembly = Path.GetFileNameWithoutExtension(projectPath) + ".dll";
        return !directory.Exists
            ? null
            : directory.EnumerateDirectories()
                .Select(framework => new FileInfo(Path.Combine(framework.FullName, assembly)))
                .Where(file => file.Exists)
                .MaxBy(file => file.LastWriteTimeUtc)?.FullName;
    }
}
