using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Services.Wsl2Host.Hosting;

/// <summary>Checks the settings, all at once, and names each by its key.</summary>
internal sealed class Wsl2HostOptionsValidator : IValidateOptions<Wsl2HostOptions>
{
    private static readonly string[] Drivers = ["linux", "scripted"];

    public ValidateOptionsResult Validate(string? name, Wsl2HostOptions options)
    {
        List<string> failures = [.. Attributes(options, Wsl2HostOptions.Section)];
        failures.AddRange(Attributes(options.Default, $"{Wsl2HostOptions.Section}:{nameof(options.Default)}"));
        failures.AddRange(Attributes(options.Max, $"{Wsl2HostOptions.Section}:{nameof(options.Max)}"));
        if (!Drivers.Contains(options.Driver))
        {
            failures.Add($"{Wsl2HostOptions.Section}:Driver must be one of {string.Join(", ", Drivers)}.");
        }

        if (options.LifelineFile.Length > 0 && !(options.Lifeline && Path.IsPathRooted(options.LifelineFile)))
        {
            failures.Add($"{Wsl2HostOptions.Section}:LifelineFile must be an absolute path, and {Wsl2HostOptions.Section}:Lifeline be true with it.");
        }

        if (options.InstanceLife > options.InstanceLifeMax)
        {
            failures.Add($"{Wsl2HostOptions.Section}:InstanceLife must not be longer than {Wsl2HostOptions.Section}:InstanceLifeMax.");
        }

        foreach (var (key, paths) in ((string, IList<string>)[])[("ReadOnlyPaths", options.ReadOnlyPaths), ("ProgramPaths", options.ProgramPaths)])
        {
            failures.AddRange(paths
                .Where(path => !Path.IsPathRooted(path) || path.Contains(':', StringComparison.Ordinal) || Path.GetFullPath(path).TrimEnd('/') != path.TrimEnd('/') || path == "/")
                .Select(path => $"{Wsl2HostOptions.Section}:{key} must be absolute paths without '..' and ':', other than '/': {path}"));
        }

        foreach (var (forge, settings) in options.Forges)
        {
            if (settings.GitUrl is not { IsAbsoluteUri: true, UserInfo: "", Query: "", Fragment: "" } url
                || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
            {
                failures.Add($"{Wsl2HostOptions.Section}:Forges:{forge}:GitUrl must be an https address without credentials and query; http is for loopback only.");
            }
        }

        if (options.AdvertisedUrl is { } advertised && !(advertised.IsAbsoluteUri && advertised.Scheme is "http" or "https"))
        {
            failures.Add($"{Wsl2HostOptions.Section}:AdvertisedUrl must be an absolute http or https address.");
        }

        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }

    private static IEnumerable<string> Attributes(object options, string section)
    {
        List<ValidationResult> results = [];
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return results.Select(result => $"{section}:{string.Join(",", result.MemberNames)}: {result.ErrorMessage}");
    }
}
