using System.Text.Json;
using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Apps;
using AgentPlatform.Emulators.GitHub.Checks;
using AgentPlatform.Emulators.GitHub.Comments;
using AgentPlatform.Emulators.GitHub.Git;
using AgentPlatform.Emulators.GitHub.Pulls;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Hooks;

/// <summary>What a push did to one ref.</summary>
internal sealed record PushedRef(string Name, string Before, string After, bool Forced, IReadOnlyList<GitCommit> Commits,
    IReadOnlyDictionary<string, IReadOnlyList<GitDiffFile>> Files);

/// <summary>Makes the webhooks of what happens. Whoever calls holds the state's gate, so that a payload shows one moment.</summary>
internal sealed class Webhooks(GitHubState state, Deliveries deliveries, Urls urls)
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public Delivery? PullRequest(string action, PullRequest pull, Account sender, string? before = null)
    {
        var payload = new JsonObject { ["action"] = action, ["number"] = pull.Number, ["pull_request"] = urls.Pull(pull, merging: false) };
        if (before is not null)
        {
            payload["before"] = before;
            payload["after"] = pull.Change.HeadSha;
        }

        return Send("pull_request", action, pull.Repository, payload, sender);
    }

    public Delivery? Push(Repository repository, PushedRef pushed, Account sender)
    {
        var (created, deleted) = (pushed.Before == GitStore.NoCommit, pushed.After == GitStore.NoCommit);
        var commits = pushed.Commits.Select(commit => PushedCommit(repository, commit, pushed.Files.GetValueOrDefault(commit.Sha) ?? []))
            .ToList();
        var shape = urls.Repository(repository);
        // In this one event GitHub writes the repository's times as numbers and its owner with a name.
        shape["created_at"] = repository.CreatedAt.ToUnixTimeSeconds();
        shape["pushed_at"] = repository.PushedAt.ToUnixTimeSeconds();
        shape["stargazers"] = 0;
        shape["master_branch"] = repository.DefaultBranch;
        shape["url"] = urls.Html(repository);
        shape["owner"]!["name"] = repository.Owner.Login;
        shape["owner"]!["email"] = repository.Owner.Email;
        return Send("push", null, repository, new JsonObject
        {
            ["ref"] = pushed.Name,
            ["before"] = pushed.Before,
            ["after"] = pushed.After,
            ["repository"] = shape,
            ["pusher"] = new JsonObject { ["name"] = sender.Login, ["email"] = sender.Email },
            ["created"] = created,
            ["deleted"] = deleted,
            ["forced"] = pushed.Forced,
            ["base_ref"] = null,
            ["compare"] = $"{urls.Html(repository)}/compare/{pushed.Before[..12]}...{pushed.After[..12]}",
            ["commits"] = new JsonArray([.. commits]),
            ["head_commit"] = commits.Count == 0 ? null : commits[^1].DeepClone(),
        }, sender);
    }

    public Delivery? CommentCreated(PullRequest pull, IssueComment comment) =>
        Send("issue_comment", "created", pull.Repository, new JsonObject
        {
            ["action"] = "created",
            ["issue"] = urls.Issue(pull),
            ["comment"] = urls.Comment(pull.Repository, comment),
        }, comment.User);

    public Delivery? CheckRunRerequested(Repository repository, CheckRun run, Account sender) =>
        Send("check_run", "rerequested", repository, new JsonObject
        {
            ["action"] = "rerequested",
            ["check_run"] = CheckRun(repository, run),
        }, sender);

    public Delivery? CheckRunActionRequested(Repository repository, CheckRun run, string identifier, Account sender) =>
        Send("check_run", "requested_action", repository, new JsonObject
        {
            ["action"] = "requested_action",
            ["check_run"] = CheckRun(repository, run),
            ["requested_action"] = new JsonObject { ["identifier"] = identifier },
        }, sender);

    /// <summary>Sent when a hook is set up; it belongs to no repository.</summary>
    public Delivery Ping() => Send("ping", null, new JsonObject
    {
        ["zen"] = "Keep it logically awesome.",
        ["hook_id"] = 467000001,
        ["hook"] = new JsonObject
        {
            ["type"] = "App",
            ["id"] = 467000001,
            ["name"] = "web",
            ["active"] = true,
            ["app_id"] = urls.Options.AppId,
            ["events"] = new JsonArray([.. AppShape.Events.Select(name => JsonValue.Create(name))]),
            ["config"] = new JsonObject
            {
                ["content_type"] = "json",
                ["insecure_ssl"] = "0",
                ["secret"] = "********",
                ["url"] = $"{urls.Html}/hook",
            },
            ["updated_at"] = Urls.Time(state.CreatedAt),
            ["created_at"] = Urls.Time(state.CreatedAt),
            ["deliveries_url"] = $"{urls.Api}/app/hook/deliveries",
        },
    }, null, null);

    public Delivery Installation(string action, Installation installation)
    {
        var shape = urls.Installation(installation);
        var repositories = state.Repositories.Where(installation.Reaches).Select(repository => new JsonObject
        {
            ["id"] = repository.Id,
            ["node_id"] = Urls.NodeId("R", repository.Id),
            ["name"] = repository.Name,
            ["full_name"] = repository.FullName,
            ["private"] = repository.Private,
        });
        return Send("installation", action, new JsonObject
        {
            ["action"] = action,
            ["installation"] = shape,
            ["repositories"] = new JsonArray([.. repositories]),
            ["requester"] = null,
            ["sender"] = urls.User(installation.Account),
        }, installation.Id, null);
    }

    private Delivery? Send(string name, string? action, Repository repository, JsonObject payload, Account sender)
    {
        if (state.InstallationFor(repository) is not { } installation)
        {
            return null;
        }

        payload["repository"] ??= urls.Repository(repository);
        if (repository.Owner.Type == AccountType.Organization)
        {
            payload["organization"] = Organization(repository.Owner);
        }

        payload["sender"] = urls.User(sender);
        payload["installation"] = new JsonObject
        {
            ["id"] = installation.Id,
            ["node_id"] = Urls.NodeId("MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9u", installation.Id),
        };
        return Send(name, action, payload, installation.Id, repository.Id);
    }

    private Delivery Send(string name, string? action, JsonObject payload, long? installationId, long? repositoryId) =>
        deliveries.Add(name, action, JsonSerializer.SerializeToUtf8Bytes(payload, Compact), installationId, repositoryId);

    private JsonObject CheckRun(Repository repository, CheckRun run)
    {
        var shape = urls.CheckRun(repository, run);
        shape["check_suite"] = urls.CheckSuite(repository, run.Suite, headCommit: null);
        return shape;
    }

    private JsonObject PushedCommit(Repository repository, GitCommit commit, IReadOnlyList<GitDiffFile> files)
    {
        var shape = CommitShape.SimpleCommit(commit);
        shape["url"] = $"{urls.Html(repository)}/commit/{commit.Sha}";
        shape["distinct"] = true;
        foreach (var (name, status) in new[] { ("added", "added"), ("removed", "removed"), ("modified", "modified") })
        {
            shape[name] = new JsonArray([.. files.Where(file => file.Status == status || (status == "added" && file.Status == "renamed"))
                .Select(file => JsonValue.Create(file.Path))]);
        }

        return shape;
    }

    private JsonObject Organization(Account account)
    {
        var api = $"{urls.Api}/orgs/{account.Login}";
        return new JsonObject
        {
            ["login"] = account.Login,
            ["id"] = account.Id,
            ["node_id"] = Urls.NodeId("O", account.Id),
            ["url"] = api,
            ["repos_url"] = $"{api}/repos",
            ["events_url"] = $"{api}/events",
            ["hooks_url"] = $"{api}/hooks",
            ["issues_url"] = $"{api}/issues",
            ["members_url"] = $"{api}/members{{/member}}",
            ["public_members_url"] = $"{api}/public_members{{/member}}",
            ["avatar_url"] = $"{urls.Html}/avatars/u/{account.Id}?v=4",
            ["description"] = string.Empty,
        };
    }
}
