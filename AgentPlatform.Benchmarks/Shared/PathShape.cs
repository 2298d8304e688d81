using System.Text.RegularExpressions;

namespace AgentPlatform.Benchmarks.Shared;

/// <summary>A path without what is different each time: ids, numbers, commits, names of repositories.</summary>
internal static partial class PathShape
{
    public static string Of(string path)
    {
        var bare = path.Split('?')[0].Replace("/github/api/v3", string.Empty, StringComparison.Ordinal);
        return Repository().Replace(Identifier().Replace(bare, "{id}"), "$1/{repository}");
    }

    [GeneratedRegex("(?<=/)(?:[a-z]{3}_[0-9a-f]{32}|[0-9a-f]{40}|[0-9]+)(?=/|$)")]
    private static partial Regex Identifier();

    [GeneratedRegex("^(/repos|/github)/[^/]+/[^/]+")]
    private static partial Regex Repository();
}
