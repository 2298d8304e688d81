using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace AgentPlatform.Emulators.GitHub.Api;

/// <summary>GitHub's pages: 30 a page unless asked, 100 at most, and a <c>Link</c> header to the others.</summary>
internal static class Paging
{
    private const int PerPageDefault = 30;
    private const int PerPageMax = 100;

    /// <summary>How many items the client wants on a page.</summary>
    public static int PerPage(this GitHubCall call) => Number(call.Query("per_page"), PerPageDefault, PerPageMax);

    /// <summary>One page as a plain array.</summary>
    public static Answer Page<T>(this GitHubCall call, IReadOnlyCollection<T> all, Func<T, JsonNode?> shape, Urls urls) =>
        call.Page(all, shape, urls, items => items);

    /// <summary>One page inside an object that counts them all.</summary>
    public static Answer Page<T>(this GitHubCall call, IReadOnlyCollection<T> all, Func<T, JsonNode?> shape, Urls urls, string name) =>
        call.Page(all, shape, urls, items => new JsonObject { ["total_count"] = all.Count, [name] = items });

    private static Answer Page<T>(this GitHubCall call, IReadOnlyCollection<T> all, Func<T, JsonNode?> shape, Urls urls,
        Func<JsonArray, JsonNode> wrap)
    {
        var perPage = call.PerPage();
        var page = Number(call.Query("page"), 1, int.MaxValue / PerPageMax);
        var items = new JsonArray([.. all.Skip((page - 1) * perPage).Take(perPage).Select(shape)]);
        var answer = Answer.Ok(wrap(items));
        var last = Math.Max(1, (all.Count + perPage - 1) / perPage);
        var links = new List<string>();
        Add(page > 1, Math.Min(page - 1, last), "prev");
        Add(page < last, page + 1, "next");
        Add(page < last, last, "last");
        Add(page > 1, 1, "first");
        if (links.Count > 0)
        {
            answer.Headers["Link"] = string.Join(", ", links);
        }

        return answer;

        void Add(bool wanted, int target, string relation)
        {
            if (wanted)
            {
                links.Add(call.Link(urls, relation, ("page", target.ToString(CultureInfo.InvariantCulture))));
            }
        }
    }

    /// <summary>A link to this call with other query values. Below a repository it names the id, as GitHub's do.</summary>
    public static string Link(this GitHubCall call, Urls urls, string relation, params (string Name, string? Value)[] changes)
    {
        var request = call.Context.Request;
        var root = $"{urls.Options.BasePath}/api/v3";
        var path = request.Path.Value![root.Length..];
        if (call.HasRepository && path.StartsWith("/repos/", StringComparison.Ordinal))
        {
            var rest = string.Join('/', path.Split('/').Skip(4));
            path = $"/repositories/{call.Repository.Id}/{rest}";
        }

        var query = request.Query.ToDictionary(pair => pair.Key, pair => (string?)pair.Value.ToString(), StringComparer.Ordinal);
        foreach (var (name, value) in changes)
        {
            query[name] = value;
        }

        return $"<{QueryHelpers.AddQueryString(urls.Api + Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal), query)}>; rel=\"{relation}\"";
    }

    private static int Number(string? text, int otherwise, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 ? Math.Min(number, max)
            : otherwise;
}
