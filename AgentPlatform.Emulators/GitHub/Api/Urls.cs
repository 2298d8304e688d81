using System.Globalization;
using System.Text;
using AgentPlatform.Emulators.Hosting;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.GitHub.Api;

/// <summary>The addresses that stand in answers, and the base of every shape that carries them.</summary>
internal sealed class Urls(IOptions<GitHubOptions> options, PublicAddress address)
{
    /// <summary>What github.com is to people and to git, without a slash at the end.</summary>
    public string Html => address.Value + options.Value.BasePath;

    /// <summary>What api.github.com is to programs.</summary>
    public string Api => Html + "/api/v3";

    public GitHubOptions Options => options.Value;

    /// <summary>An opaque id, as GraphQL would know it.</summary>
    public static string NodeId(string kind, long id) =>
        $"{kind}_{Convert.ToBase64String(Encoding.ASCII.GetBytes(id.ToString(CultureInfo.InvariantCulture))).TrimEnd('=')}";

    /// <summary>A time as GitHub writes it.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string? Time(DateTimeOffset? time) => time is { } known ? Time(known) : null;
}
