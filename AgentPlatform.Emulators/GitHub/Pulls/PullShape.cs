using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Pulls;

/// <summary>Pull requests as GitHub writes them. The caller holds the state's gate.</summary>
internal static class PullShape
{
    public static string Api(this Urls urls, PullRequest pull) => $"{urls.Api(pull.Repository)}/pulls/{pull.Number}";

    public static string Html(this Urls urls, PullRequest pull) => $"{urls.Html(pull.Repository)}/pull/{pull.Number}";

    /// <summary>The fields that lists give.</summary>
    public static JsonObject SimplePull(this Urls urls, PullRequest pull)
    {
        var (self, html, repository) = (urls.Api(pull), urls.Html(pull), urls.Api(pull.Repository));
        var issue = $"{repository}/issues/{pull.Number}";
        var statuses = $"{repository}/statuses/{pull.Change.HeadSha}";
        return new JsonObject
        {
            ["url"] = self,
            ["id"] = pull.Id,
            ["node_id"] = Urls.NodeId("PR", pull.Id),
            ["html_url"] = html,
            ["diff_url"] = html + ".diff",
            ["patch_url"] = html + ".patch",
            ["issue_url"] = issue,
            ["number"] = pull.Number,
            ["state"] = pull.Open ? "open" : "closed",
            ["locked"] = false,
            ["title"] = pull.Title,
            ["user"] = urls.User(pull.User),
            ["body"] = pull.Body,
            ["created_at"] = Urls.Time(pull.CreatedAt),
            ["updated_at"] = Urls.Time(pull.UpdatedAt),
            ["closed_at"] = Urls.Time(pull.ClosedAt),
            ["merged_at"] = Urls.Time(pull.MergedAt),
            ["merge_commit_sha"] = pull.Change.MergeSha,
            ["assignee"] = null,
            ["assignees"] = new JsonArray(),
            ["requested_reviewers"] = new JsonArray(),
            ["requested_teams"] = new JsonArray(),
            ["labels"] = new JsonArray(),
            ["milestone"] = null,
            ["draft"] = pull.Draft,
            ["commits_url"] = $"{self}/commits",
            ["review_comments_url"] = $"{self}/comments",
            ["review_comment_url"] = $"{repository}/pulls/comments{{/number}}",
            ["comments_url"] = $"{issue}/comments",
            ["statuses_url"] = statuses,
            ["head"] = urls.End(pull.HeadOwner, pull.HeadRef, pull.Change.HeadSha, pull.HeadRepository),
            ["base"] = urls.End(pull.Repository.Owner, pull.BaseRef, pull.Change.BaseSha, pull.Repository),
            ["_links"] = new JsonObject
            {
                ["self"] = Link(self),
                ["html"] = Link(html),
                ["issue"] = Link(issue),
                ["comments"] = Link($"{issue}/comments"),
                ["review_comments"] = Link($"{self}/comments"),
                ["review_comment"] = Link($"{repository}/pulls/comments{{/number}}"),
                ["commits"] = Link($"{self}/commits"),
                ["statuses"] = Link(statuses),
            },
            ["author_association"] = AccountShape.Association(pull.Repository, pull.User),
            ["auto_merge"] = null,
            ["active_lock_reason"] = null,
        };
    }

    /// <summary>The fields of one pull request.</summary>
    /// <param name="merging">False while GitHub would still be computing whether it merges, as it is when a webhook is sent.</param>
    public static JsonObject Pull(this Urls urls, PullRequest pull, bool merging = true)
    {
        var shape = urls.SimplePull(pull);
        bool? mergeable = merging && pull.Open ? pull.Change.MergeSha is not null : null;
        shape["merged"] = pull.MergedAt is not null;
        shape["mergeable"] = mergeable;
        shape["rebaseable"] = mergeable;
        shape["mergeable_state"] = mergeable switch { true => pull.Draft ? "draft" : "clean", false => "dirty", null => "unknown" };
        shape["merged_by"] = pull.MergedBy is { } by ? urls.User(by) : null;
        shape["comments"] = pull.Repository.Comments.Count(comment => comment.IssueNumber == pull.Number);
        shape["review_comments"] = pull.Reviews.Sum(review => review.Comments.Count);
        shape["maintainer_can_modify"] = pull.IsFork;
        shape["commits"] = pull.Change.Commits;
        shape["additions"] = pull.Change.Additions;
        shape["deletions"] = pull.Change.Deletions;
        shape["changed_files"] = pull.Change.Files.Count;
        return shape;
    }

    /// <summary>The few fields that check runs carry.</summary>
    public static JsonObject MinimalPull(this Urls urls, PullRequest pull) => new()
    {
        ["url"] = urls.Api(pull),
        ["id"] = pull.Id,
        ["number"] = pull.Number,
        ["head"] = urls.MinimalEnd(pull.HeadRef, pull.Change.HeadSha, pull.Repository),
        ["base"] = urls.MinimalEnd(pull.BaseRef, pull.Change.BaseSha, pull.Repository),
    };

    private static JsonObject End(this Urls urls, Account owner, string reference, string sha, Repository? repository) => new()
    {
        ["label"] = $"{owner.Login}:{reference}",
        ["ref"] = reference,
        ["sha"] = sha,
        ["user"] = urls.User(owner),
        ["repo"] = repository is null ? null : urls.Repository(repository),
    };

    private static JsonObject MinimalEnd(this Urls urls, string reference, string sha, Repository repository) => new()
    {
        ["ref"] = reference,
        ["sha"] = sha,
        ["repo"] = new JsonObject { ["id"] = repository.Id, ["url"] = urls.Api(repository), ["name"] = repository.Name },
    };

    private static JsonObject Link(string href) => new() { ["href"] = href };
}
