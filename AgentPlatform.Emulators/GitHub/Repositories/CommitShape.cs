using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Git;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Repositories;

/// <summary>Commits and changed files as GitHub writes them.</summary>
internal static class CommitShape
{
    public static JsonObject Commit(this Urls urls, GitHubState state, Repository repository, GitCommit commit)
    {
        var (api, html) = (urls.Api(repository), urls.Html(repository));
        return new JsonObject
        {
            ["sha"] = commit.Sha,
            ["node_id"] = $"C_{commit.Sha}",
            ["commit"] = new JsonObject
            {
                ["author"] = Person(commit.Author),
                ["committer"] = Person(commit.Committer),
                ["message"] = commit.Message,
                ["tree"] = new JsonObject { ["sha"] = commit.Tree, ["url"] = $"{api}/git/trees/{commit.Tree}" },
                ["url"] = $"{api}/git/commits/{commit.Sha}",
                ["comment_count"] = 0,
                ["verification"] = new JsonObject
                {
                    ["verified"] = false,
                    ["reason"] = "unsigned",
                    ["signature"] = null,
                    ["payload"] = null,
                    ["verified_at"] = null,
                },
            },
            ["url"] = $"{api}/commits/{commit.Sha}",
            ["html_url"] = $"{html}/commit/{commit.Sha}",
            ["comments_url"] = $"{api}/commits/{commit.Sha}/comments",
            ["author"] = urls.Owner(state, commit.Author),
            ["committer"] = urls.Owner(state, commit.Committer),
            ["parents"] = new JsonArray([.. commit.Parents.Select(parent => new JsonObject
            {
                ["sha"] = parent, ["url"] = $"{api}/commits/{parent}", ["html_url"] = $"{html}/commit/{parent}",
            })]),
        };
    }

    /// <summary>The fields of a <c>diff-entry</c>.</summary>
    public static JsonObject File(this Urls urls, Repository repository, string commit, GitDiffFile file)
    {
        var path = Uri.EscapeDataString(file.Path);
        var shape = new JsonObject
        {
            ["sha"] = file.Sha,
            ["filename"] = file.Path,
            ["status"] = file.Status,
            ["additions"] = file.Additions,
            ["deletions"] = file.Deletions,
            ["changes"] = file.Additions + file.Deletions,
            ["blob_url"] = $"{urls.Html(repository)}/blob/{commit}/{path}",
            ["raw_url"] = $"{urls.Html(repository)}/raw/{commit}/{path}",
            ["contents_url"] = $"{urls.Api(repository)}/contents/{path}?ref={commit}",
        };
        if (file.PreviousPath is not null)
        {
            shape["previous_filename"] = file.PreviousPath;
        }

        if (file.Patch is not null)
        {
            shape["patch"] = file.Patch;
        }

        return shape;
    }

    /// <summary>A commit in the short form of webhooks and check suites.</summary>
    public static JsonObject SimpleCommit(GitCommit commit) => new()
    {
        ["id"] = commit.Sha,
        ["tree_id"] = commit.Tree,
        ["message"] = commit.Message,
        ["timestamp"] = Urls.Time(commit.Committer.When),
        ["author"] = new JsonObject { ["name"] = commit.Author.Name, ["email"] = commit.Author.Email },
        ["committer"] = new JsonObject { ["name"] = commit.Committer.Name, ["email"] = commit.Committer.Email },
    };

    private static JsonObject Person(GitPerson person) =>
        new() { ["name"] = person.Name, ["email"] = person.Email, ["date"] = Urls.Time(person.When) };

    /// <summary>The account behind an address; GitHub knows one only by the address it gave out or was told.</summary>
    private static JsonObject? Owner(this Urls urls, GitHubState state, GitPerson person) =>
        state.FindAccount(person.Name) is { } account && account.Email == person.Email ? urls.User(account) : null;
}
