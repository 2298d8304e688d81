using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Git;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Repositories;

/// <summary>Repositories, their branches, commits, comparisons and collaborators.</summary>
internal static class RepositoryEndpoints
{
    private const int CommitsMax = 250;
    private const int FilesMax = 300;

    public static RouteGroupBuilder MapRepositories(this RouteGroupBuilder repository)
    {
        repository.MapGet("", Get).Reads("metadata");
        repository.MapGet("branches", ListBranchesAsync).Reads("contents");
        repository.MapGet("branches/{**branch}", GetBranchAsync).Reads("contents");
        repository.MapGet("commits", ListCommitsAsync).Reads("contents");
        repository.MapGet("commits/{**reference}", GetCommitAsync).Reads("contents");
        repository.MapGet("compare/{**range}", CompareAsync).Reads("contents");
        repository.MapGet("collaborators/{login}/permission", GetPermission).Reads("metadata");
        return repository;
    }

    private static Answer Get(GitHubCall call, GitHubState state, Urls urls)
    {
        lock (state.Gate)
        {
            return Answer.Ok(urls.FullRepository(call.Repository));
        }
    }

    private static async Task<Answer> ListBranchesAsync(GitHubCall call, GitStore git, Urls urls)
    {
        const string Heads = "refs/heads/";
        var refs = await git.RefsAsync(call.Repository.Directory, call.Context.RequestAborted);
        var branches = refs.Where(pair => pair.Key.StartsWith(Heads, StringComparison.Ordinal)).ToList();
        return call.Page(branches, branch => new JsonObject
        {
            ["name"] = branch.Key[Heads.Length..],
            ["commit"] = new JsonObject { ["sha"] = branch.Value, ["url"] = $"{urls.Api(call.Repository)}/commits/{branch.Value}" },
            ["protected"] = false,
        }, urls);
    }

    private static async Task<Answer> GetBranchAsync(GitHubCall call, string branch, GitStore git, GitHubState state, Urls urls)
    {
        var sha = await git.ResolveAsync(call.Repository.Directory, $"refs/heads/{branch}", call.Context.RequestAborted);
        if (sha is null || await git.CommitAsync(call.Repository.Directory, sha, call.Context.RequestAborted) is not { } commit)
        {
            return Answer.Error(404, "Branch not found");
        }

        var name = Uri.EscapeDataString(branch);
        return Answer.Ok(new JsonObject
        {
            ["name"] = branch,
            ["commit"] = urls.Commit(state, call.Repository, commit),
            ["_links"] = new JsonObject
            {
                ["self"] = $"{urls.Api(call.Repository)}/branches/{name}",
                ["html"] = $"{urls.Html(call.Repository)}/tree/{name}",
            },
            ["protected"] = false,
            ["protection"] = new JsonObject
            {
                ["enabled"] = false,
                ["required_status_checks"] = new JsonObject
                {
                    ["enforcement_level"] = "off",
                    ["contexts"] = new JsonArray(),
                    ["checks"] = new JsonArray(),
                },
            },
            ["protection_url"] = $"{urls.Api(call.Repository)}/branches/{name}/protection",
        });
    }

    private static async Task<Answer> ListCommitsAsync(GitHubCall call, GitStore git, GitHubState state, Urls urls)
    {
        var reference = call.Query("sha") ?? call.Repository.DefaultBranch;
        if (await git.ResolveAsync(call.Repository.Directory, reference, call.Context.RequestAborted) is not { } sha)
        {
            return Answer.NotFound();
        }

        var commits = await git.CommitsAsync(call.Repository.Directory, null, sha, CommitsMax, call.Context.RequestAborted);
        return call.Page(commits, commit => urls.Commit(state, call.Repository, commit), urls);
    }

    private static async Task<Answer> GetCommitAsync(GitHubCall call, string reference, GitStore git, GitHubState state, Urls urls)
    {
        var (directory, stop) = (call.Repository.Directory, call.Context.RequestAborted);
        if (await git.ResolveAsync(directory, reference, stop) is not { } sha ||
            await git.CommitAsync(directory, sha, stop) is not { } commit)
        {
            return Answer.Error(422, $"No commit found for SHA: {reference}");
        }

        if (call.Accepts("sha"))
        {
            return Answer.Text(sha, "application/vnd.github.sha; charset=utf-8");
        }

        var parent = commit.Parents.Count > 0 ? commit.Parents[0] : EmptyTree;
        if (call.Accepts("diff"))
        {
            return Answer.Text(await git.PatchAsync(directory, parent, sha, stop), "application/vnd.github.diff; charset=utf-8");
        }

        var files = await git.DiffAsync(directory, parent, sha, stop);
        var shape = urls.Commit(state, call.Repository, commit);
        var (additions, deletions) = (files.Sum(file => file.Additions), files.Sum(file => file.Deletions));
        shape["stats"] = new JsonObject { ["total"] = additions + deletions, ["additions"] = additions, ["deletions"] = deletions };
        shape["files"] = new JsonArray([.. files.Take(FilesMax).Select(file => urls.File(call.Repository, sha, file))]);
        return Answer.Ok(shape);
    }

    private static async Task<Answer> CompareAsync(GitHubCall call, string range, GitStore git, GitHubState state, Urls urls)
    {
        var (directory, stop, names) = (call.Repository.Directory, call.Context.RequestAborted, range.Split("..."));
        if (names.Length != 2 || await git.ResolveAsync(directory, names[0], stop) is not { } from ||
            await git.ResolveAsync(directory, names[1], stop) is not { } to ||
            await git.MergeBaseAsync(directory, from, to, stop) is not { } mergeBase)
        {
            return Answer.NotFound();
        }

        if (call.Accepts("diff"))
        {
            return Answer.Text(await git.PatchAsync(directory, mergeBase, to, stop), "application/vnd.github.diff; charset=utf-8");
        }

        var (ahead, behind) = await git.DistanceAsync(directory, from, to, stop);
        var commits = await git.CommitsAsync(directory, from, to, CommitsMax, stop);
        var files = await git.DiffAsync(directory, mergeBase, to, stop);
        var url = $"{urls.Html(call.Repository)}/compare/{Uri.EscapeDataString(names[0])}...{Uri.EscapeDataString(names[1])}";
        return Answer.Ok(new JsonObject
        {
            ["url"] = $"{urls.Api(call.Repository)}/compare/{from}...{to}",
            ["html_url"] = url,
            ["permalink_url"] = $"{urls.Html(call.Repository)}/compare/{from}...{to}",
            ["diff_url"] = url + ".diff",
            ["patch_url"] = url + ".patch",
            ["base_commit"] = urls.Commit(state, call.Repository, (await git.CommitAsync(directory, from, stop))!),
            ["merge_base_commit"] = urls.Commit(state, call.Repository, (await git.CommitAsync(directory, mergeBase, stop))!),
            ["status"] = (ahead, behind) switch { (0, 0) => "identical", ( > 0, 0) => "ahead", (0, > 0) => "behind", _ => "diverged" },
            ["ahead_by"] = ahead,
            ["behind_by"] = behind,
            ["total_commits"] = ahead,
            ["commits"] = new JsonArray([.. commits.Reverse().Select(commit => urls.Commit(state, call.Repository, commit))]),
            ["files"] = new JsonArray([.. files.Take(FilesMax).Select(file => urls.File(call.Repository, to, file))]),
        });
    }

    private static Answer GetPermission(GitHubCall call, string login, GitHubState state, Urls urls)
    {
        if (state.FindAccount(login) is not { } account)
        {
            return Answer.NotFound();
        }

        string role;
        lock (state.Gate)
        {
            role = call.Repository.RoleOf(account);
        }

        var user = urls.User(account);
        user["permissions"] = new JsonObject
        {
            ["admin"] = role == "admin",
            ["maintain"] = role is "admin" or "maintain",
            ["push"] = role is "admin" or "maintain" or "write",
            ["triage"] = role is "admin" or "maintain" or "write" or "triage",
            ["pull"] = role != "none",
        };
        user["role_name"] = role;
        // The older field knows four levels only.
        var permission = role switch { "maintain" => "write", "triage" => "read", _ => role };
        return Answer.Ok(new JsonObject { ["permission"] = permission, ["user"] = user, ["role_name"] = role });
    }

    private const string EmptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
}
