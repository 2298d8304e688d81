using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Git;

namespace AgentPlatform.Emulators.GitHub.Repositories;

/// <summary>Files and directories at a commit.</summary>
internal static class ContentEndpoints
{
    /// <summary>Above this GitHub gives a file's content only as <c>raw</c>.</summary>
    private const int InlineBytesMax = 1024 * 1024;
    private const int LineLength = 60;

    public static RouteGroupBuilder MapContents(this RouteGroupBuilder repository)
    {
        repository.MapGet("contents/{**path}", GetAsync).Reads("contents");
        return repository;
    }

    private static async Task<Answer> GetAsync(GitHubCall call, string? path, GitStore git, Urls urls)
    {
        var (directory, stop) = (call.Repository.Directory, call.Context.RequestAborted);
        var reference = call.Query("ref") ?? call.Repository.DefaultBranch;
        var clean = (path ?? string.Empty).Trim('/');
        if (await git.ResolveAsync(directory, reference, stop) is not { } sha)
        {
            return Answer.Error(404, $"No commit found for the ref {reference}");
        }

        if (await git.ReadAsync(directory, sha, clean, stop) is not { } found)
        {
            return Answer.NotFound();
        }

        if (found.Type == "tree")
        {
            var entries = await git.EntriesAsync(directory, found.Sha, stop);
            return Answer.Ok(new JsonArray([.. entries.Select(entry =>
                Describe(call, urls, Kind(entry), entry.Sha, entry.Size ?? 0, clean.Length == 0 ? entry.Name : $"{clean}/{entry.Name}",
                    reference))]));
        }

        if (call.Accepts("raw"))
        {
            return new Answer { Status = 200, Content = found.Content, ContentType = "application/vnd.github.raw+json; charset=utf-8" };
        }

        var shape = Describe(call, urls, "file", found.Sha, found.Content.Length, clean, reference);
        var inline = found.Content.Length <= InlineBytesMax;
        shape["content"] = inline ? Lines(found.Content) : string.Empty;
        shape["encoding"] = inline ? "base64" : "none";
        return Answer.Ok(shape);
    }

    private static JsonObject Describe(GitHubCall call, Urls urls, string type, string sha, long size, string path, string reference)
    {
        var escaped = Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal);
        var (self, html) = ($"{urls.Api(call.Repository)}/contents/{escaped}?ref={Uri.EscapeDataString(reference)}",
            urls.Html(call.Repository));
        var (kind, view) = type == "dir" ? ("trees", "tree") : ("blobs", "blob");
        var (blob, page) = ($"{urls.Api(call.Repository)}/git/{kind}/{sha}", $"{html}/{view}/{Uri.EscapeDataString(reference)}/{escaped}");
        return new JsonObject
        {
            ["name"] = path[(path.LastIndexOf('/') + 1)..],
            ["path"] = path,
            ["sha"] = sha,
            ["size"] = size,
            ["url"] = self,
            ["html_url"] = page,
            ["git_url"] = blob,
            ["download_url"] = type == "file" ? $"{html}/raw/{Uri.EscapeDataString(reference)}/{escaped}" : null,
            ["type"] = type,
            ["_links"] = new JsonObject { ["self"] = self, ["git"] = blob, ["html"] = page },
        };
    }

    private static string Kind(GitEntry entry) => entry switch
    {
        { Type: "tree" } => "dir",
        { Type: "commit" } => "submodule",
        { Mode: "120000" } => "symlink",
        _ => "file",
    };

    /// <summary>Base64 with a line break after every 60 letters, as GitHub writes it.</summary>
    private static string Lines(byte[] content) =>
        string.Concat(Convert.ToBase64String(content).Chunk(LineLength).Select(line => new string(line) + "\n"));
}
