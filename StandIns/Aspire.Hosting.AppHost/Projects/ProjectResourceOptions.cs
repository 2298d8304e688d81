namespace Aspire.Hosting;

/// <summary>How a project is added.</summary>
public sealed class ProjectResourceOptions
{
    /// <summary>Name of the launch profile; null leaves the choice to the default rules.</summary>
    public string? LaunchProfileName { get; set; }

    /// <summary>Whether no launch profile is used at all.</summary>
    public bool ExcludeLaunchProfile { get; set; }

    /// <summary>Whether the endpoints in the project's Kestrel configuration are left out.</summary>
    public bool ExcludeKestrelEndpoints { get; set; }
}
