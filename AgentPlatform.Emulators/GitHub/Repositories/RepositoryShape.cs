using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Repositories;

/// <summary>Repositories as GitHub writes them. The caller holds the state's gate.</summary>
internal static class RepositoryShape
{
    /// <summary>The links below a repository, each with the rest of its address.</summary>
    private static readonly (string Name, string Path)[] Links =
    [
        ("archive_url", "/{archive_format}{/ref}"), ("assignees_url", "/assignees{/user}"), ("blobs_url", "/git/blobs{/sha}"),
        ("branches_url", "/branches{/branch}"), ("collaborators_url", "/collaborators{/collaborator}"),
            ("comments_url", "/comments{/number}"),
        ("commits_url", "/commits{/sha}"), ("compare_url", "/compare/{base}...{head}"), ("contents_url", "/contents/{+path}"),
        ("contributors_url", "/contributors"), ("deployments_url", "/deployments"), ("downloads_url", "/downloads"),
            ("events_url", "/events"),
        ("forks_url", "/forks"), ("git_commits_url", "/git/commits{/sha}"), ("git_refs_url", "/git/refs{/sha}"),
            ("git_tags_url", "/git/tags{/sha}"),
        ("hooks_url", "/hooks"), ("issue_comment_url", "/issues/comments{/number}"), ("issue_events_url", "/issues/events{/number}"),
        ("issues_url", "/issues{/number}"), ("keys_url", "/keys{/key_id}"), ("labels_url", "/labels{/name}"),
            ("languages_url", "/languages"),
        ("merges_url", "/merges"), ("milestones_url", "/milestones{/number}"),
            ("notifications_url", "/notifications{?since,all,participating}"),
        ("pulls_url", "/pulls{/number}"), ("releases_url", "/releases{/id}"), ("stargazers_url", "/stargazers"),
            ("statuses_url", "/statuses/{sha}"),
        ("subscribers_url", "/subscribers"), ("subscription_url", "/subscription"), ("tags_url", "/tags"), ("teams_url", "/teams"),
            ("trees_url", "/git/trees{/sha}"),
    ];

    public static string Api(this Urls urls, Repository repository) => $"{urls.Api}/repos/{repository.FullName}";

    public static string Html(this Urls urls, Repository repository) => $"{urls.Html}/{repository.FullName}";

    /// <summary>The fields of a <c>repository</c>, which stand in pull requests and webhooks.</summary>
    public static JsonObject Repository(this Urls urls, Repository repository)
    {
        var (api, html) = (urls.Api(repository), urls.Html(repository));
        var shape = new JsonObject
        {
            ["id"] = repository.Id,
            ["node_id"] = Urls.NodeId("R", repository.Id),
            ["name"] = repository.Name,
            ["full_name"] = repository.FullName,
            ["private"] = repository.Private,
            ["owner"] = urls.User(repository.Owner),
            ["html_url"] = html,
            ["description"] = repository.Description,
            ["fork"] = repository.Parent is not null,
            ["url"] = api,
        };
        foreach (var (name, rest) in Links)
        {
            shape[name] = api + rest;
        }

        var open = repository.Pulls.Count(pull => pull.Open);
        shape["created_at"] = Urls.Time(repository.CreatedAt);
        shape["updated_at"] = Urls.Time(repository.PushedAt);
        shape["pushed_at"] = Urls.Time(repository.PushedAt);
        shape["git_url"] = html.Replace("http", "git", StringComparison.Ordinal) + ".git";
        shape["ssh_url"] = $"git@{new Uri(urls.Html).Host}:{repository.FullName}.git";
        shape["clone_url"] = html + ".git";
        shape["svn_url"] = html;
        shape["homepage"] = null;
        shape["size"] = 1;
        shape["stargazers_count"] = 0;
        shape["watchers_count"] = 0;
        shape["language"] = null;
        shape["has_issues"] = true;
        shape["has_projects"] = true;
        shape["has_downloads"] = true;
        shape["has_wiki"] = true;
        shape["has_pages"] = false;
        shape["has_discussions"] = false;
        shape["forks_count"] = 0;
        shape["mirror_url"] = null;
        shape["archived"] = false;
        shape["disabled"] = false;
        shape["open_issues_count"] = open;
        shape["license"] = null;
        shape["allow_forking"] = true;
        shape["is_template"] = false;
        shape["web_commit_signoff_required"] = false;
        shape["topics"] = new JsonArray();
        shape["visibility"] = repository.Private ? "private" : "public";
        shape["forks"] = 0;
        shape["open_issues"] = open;
        shape["watchers"] = 0;
        shape["default_branch"] = repository.DefaultBranch;
        return shape;
    }

    /// <summary>The fields of a <c>full-repository</c>, which only asking for one repository gives.</summary>
    public static JsonObject FullRepository(this Urls urls, Repository repository)
    {
        var shape = urls.Repository(repository);
        shape["permissions"] = new JsonObject
        {
            ["admin"] = false,
            ["maintain"] = false,
            ["push"] = false,
            ["triage"] = false,
            ["pull"] = false,
        };
        shape["temp_clone_token"] = string.Empty;
        shape["allow_squash_merge"] = true;
        shape["allow_merge_commit"] = true;
        shape["allow_rebase_merge"] = true;
        shape["allow_auto_merge"] = false;
        shape["delete_branch_on_merge"] = false;
        shape["network_count"] = 0;
        shape["subscribers_count"] = 0;
        shape["custom_properties"] = new JsonObject();
        if (repository.Parent is { } parent)
        {
            shape["parent"] = urls.Repository(parent);
            shape["source"] = urls.Repository(parent);
        }

        return shape;
    }
}
