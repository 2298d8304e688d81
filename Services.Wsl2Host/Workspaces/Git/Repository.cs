using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Workspaces.Git;

/// <summary>A repository that may be fetched from. Its address is put together here, from the forge's configured address and a checked name; none is taken from outside.</summary>
/// <param name="Source">As it was asked for.</param>
/// <param name="Url">Where it is fetched from.</param>
/// <param name="Key">What its mirror is kept under: the forge and the repository's id, never its name.</param>
internal sealed partial record Repository(RepositorySource Source, Uri Url, string Key)
{
    private static readonly Uri GitHub = new("https://github.com");

    /// <summary>Checks a source.</summary>
    /// <exception cref="HostRefusal">The forge is not known, or the name is none.</exception>
    public static Repository Of(RepositorySource source, Wsl2HostOptions options)
    {
        if (source.RepositoryId <= 0 || source.FullName is null || !FullName().IsMatch(source.FullName))
        {
            throw HostRefusal.Invalid("repository must have an id and a fullName of the form owner/name.");
        }

        var forge = options.Forges.TryGetValue(source.Forge ?? "", out var known) ? known.GitUrl
            : string.Equals(source.Forge, "github.com", StringComparison.OrdinalIgnoreCase) ? GitHub
            : null;
        if (forge is null)
        {
            throw new HostRefusal(StatusCodes.Status422UnprocessableEntity, HostProblemCodes.UnknownForge, "This host does not fetch from that forge.");
        }

        var url = new Uri($"{forge.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{source.FullName}.git");
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(forge.AbsoluteUri)))[..16];
        return new Repository(source, url, string.Create(CultureInfo.InvariantCulture, $"{key}-{source.RepositoryId}"));
    }

    // Neither part may begin with a dash or a dot, so that it is no option and no way up.
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}/(?![.-])(?!.*\.git\z)[A-Za-z0-9._-]{1,100}\z")]
    private static partial Regex FullName();
}

/// <summary>Checks names of commits and refs.</summary>
internal static partial class GitNames
{
    /// <summary>A commit's full name.</summary>
    public static void CheckSha(string? sha, string field)
    {
        if (sha is null || !Sha().IsMatch(sha))
        {
            throw HostRefusal.Invalid($"{field} must be 40 or 64 lowercase hex digits.");
        }
    }

    /// <summary>
    /// A full ref. What git itself forbids in one is forbidden here, and what a shell, a glob or a refspec could read as something else.
    /// </summary>
    public static void CheckRef(string reference)
    {
        if (reference.Length > 1024 || !Ref().IsMatch(reference) || reference.Contains("..", StringComparison.Ordinal)
            || reference.Contains("@{", StringComparison.Ordinal) || reference.EndsWith(".lock", StringComparison.Ordinal))
        {
            throw HostRefusal.Invalid("ref must be a full ref, such as refs/pull/12/head.");
        }
    }

    [GeneratedRegex(@"^(?:[0-9a-f]{40}|[0-9a-f]{64})\z")]
    private static partial Regex Sha();

    [GeneratedRegex(@"^refs(?:/(?!\.)[^\x00-\x20\x7f~^:?*\[\\/]+)+(?<!\.)\z")]
    private static partial Regex Ref();
}
