using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Configuration;

namespace Aspire.Hosting.Containers;

/// <summary>Names of volumes that stay the same from run to run and differ between app hosts.</summary>
internal static class VolumeName
{
    /// <summary>Makes <c>{app host}-{10 digits of a hash}-{resource}-{suffix}</c>; the hash is of the app host's path, for a deployment of its name.</summary>
    public static string Create<T>(IResourceBuilder<T> builder, string suffix)
        where T : IResource
    {
        var application = builder.ApplicationBuilder;
        var name = application.Environment.ApplicationName;
        var identity = application.ExecutionContext.IsPublishMode
            ? AppHostAssemblies.Metadata(application.AppHostAssembly, "apphostprojectname") ?? name
            : Path.Combine(application.AppHostDirectory, name);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..10];
        return $"{Sanitize(name).ToLowerInvariant()}-{hash}-{builder.Resource.Name}-{suffix}";
    }

    /// <summary>Container runtimes take letters, digits, dots, hyphens and underscores, after a first letter or digit.</summary>
    private static string Sanitize(string name) =>
        string.Concat(name.Select((character, index) =>
            char.IsAsciiLetterOrDigit(character) || (index > 0 && character is '.' or '-' or '_') ? character : '_'));
}
