using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Projects;

/// <summary>Picks the launch profile of a project: the one that was named, else the app host's if the project has it, else the first.</summary>
internal static class LaunchProfileSelection
{
    private const string ProjectCommand = "Project";

    /// <summary>Picks a profile.</summary>
    /// <returns>Its name and content, or null where none is used.</returns>
    /// <exception cref="DistributedApplicationException">The project has no profile of the name that was asked for.</exception>
    public static (string Name, LaunchProfile Profile)? Select(
        IProjectMetadata project, ProjectResourceOptions options, IConfiguration configuration)
    {
        if (options.ExcludeLaunchProfile)
        {
            return null;
        }

        var profiles = LaunchSettings.Read(project.ProjectPath)?.Profiles ?? [];
        if (!string.IsNullOrEmpty(options.LaunchProfileName))
        {
            return Find(profiles, options.LaunchProfileName)
                ?? throw new DistributedApplicationException(
                    $"Launch settings of project '{project.ProjectPath}' do not contain '{options.LaunchProfileName}' profile.");
        }

        return Find(profiles, configuration["AppHost:DefaultLaunchProfileName"]) ?? First(profiles);
    }

    private static (string Name, LaunchProfile Profile)? Find(Dictionary<string, LaunchProfile> profiles, string? name) =>
        name is not null && profiles.TryGetValue(name, out var profile) ? (name, profile) : null;

    /// <summary>Profiles that start something else than the project, such as IIS or Docker, do not count.</summary>
    private static (string Name, LaunchProfile Profile)? First(Dictionary<string, LaunchProfile> profiles) =>
        profiles.Where(profile => profile.Value.CommandName == ProjectCommand)
            .Select(profile => ((string Name, LaunchProfile Profile)?)(profile.Key, profile.Value))
            .FirstOrDefault();
}
