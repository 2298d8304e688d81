using Aspire.Hosting.Running.Processes;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Running.Volumes;

/// <summary>Where the volumes of resources are kept from run to run.</summary>
internal static class VolumeDirectories
{
    /// <summary>Configuration that chooses another place.</summary>
    public const string Key = "Aspire:VolumesDirectory";

    private const string Folder = "aspire-volumes";

    /// <summary>The directory that holds one directory for each volume.</summary>
    public static string Root(IConfiguration configuration)
    {
        if (configuration[Key] is { Length: > 0 } chosen)
        {
            return Path.GetFullPath(chosen);
        }

        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);

        // A server that must not run as root could not reach its data in root's own home.
        return Posix.IsRoot ? $"/var/lib/{Folder}" : Path.Combine(local.Length > 0 ? local : Path.GetTempPath(), Folder);
    }
}
