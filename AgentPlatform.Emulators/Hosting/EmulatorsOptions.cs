namespace AgentPlatform.Emulators.Hosting;

/// <summary>Where the emulators keep their files and how they name themselves.</summary>
internal sealed class EmulatorsOptions
{
    public const string Section = "Emulators";

    /// <summary>
    /// Directory for the git repositories. Emptied at the end. Default: a new directory under the system's temporary one.
    /// </summary>
    public string? StateDirectory { get; set; }

    /// <summary>
    /// Base URL that stands in answers and payloads, such as <c>http://localhost:5090</c>. Default: the first address listened on.
    /// </summary>
    public string? PublicUrl { get; set; }
}
