using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Apps;
using AgentPlatform.Emulators.GitHub.Pulls;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Comments;

/// <summary>Comments, and pull requests in their other form as issues.</summary>
internal static class CommentShape
{
    private static readonly string[] Reactions = ["+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"];

    public static JsonObject Comment(this Urls urls, Repository repository, IssueComment comment)
    {
        var self = $"{urls.Api(repository)}/issues/comments/{comment.Id}";
        return new JsonObject
        {
            ["url"] = self,
            ["html_url"] = $"{urls.Html(repository)}/pull/{comment.IssueNumber}#issuecomment-{comment.Id}",
            ["issue_url"] = $"{urls.Api(repository)}/issues/{comment.IssueNumber}",
            ["id"] = comment.Id,
            ["node_id"] = Urls.NodeId("IC", comment.Id),
            ["user"] = urls.User(comment.User),
            ["created_at"] = Urls.Time(comment.CreatedAt),
            ["updated_at"] = Urls.Time(comment.UpdatedAt),
            ["body"] = comment.Body,
            ["author_association"] = AccountShape.Association(repository, comment.User),
            ["reactions"] = NoReactions(self),
            ["performed_via_github_app"] = comment.ByApp ? urls.App() : null,
        };
    }

    /// <summary>A pull request as the issue that <c>issue_comment</c> webhooks carry: it names no commit.</summary>
    public static JsonObject Issue(this Urls urls, PullRequest pull)
    {
        var repository = urls.Api(pull.Repository);
        var self = $"{repository}/issues/{pull.Number}";
        return new JsonObject
        {
            ["url"] = self,
            ["repository_url"] = repository,
            ["labels_url"] = $"{self}/labels{{/name}}",
            ["comments_url"] = $"{self}/comments",
            ["events_url"] = $"{self}/events",
            ["html_url"] = urls.Html(pull),
            ["id"] = pull.Id,
            ["node_id"] = Urls.NodeId("PR", pull.Id),
            ["number"] = pull.Number,
            ["title"] = pull.Title,
            ["user"] = urls.User(pull.User),
            ["labels"] = new JsonArray(),
            ["state"] = pull.Open ? "open" : "closed",
            ["locked"] = false,
            ["assignee"] = null,
            ["assignees"] = new JsonArray(),
            ["milestone"] = null,
            ["comments"] = pull.Repository.Comments.Count(comment => comment.IssueNumber == pull.Number),
            ["created_at"] = Urls.Time(pull.CreatedAt),
            ["updated_at"] = Urls.Time(pull.UpdatedAt),
            ["closed_at"] = Urls.Time(pull.ClosedAt),
            ["author_association"] = AccountShape.Association(pull.Repository, pull.User),
            ["active_lock_reason"] = null,
            ["draft"] = pull.Draft,
            ["pull_request"] = new JsonObject
            {
                ["url"] = urls.Api(pull),
                ["html_url"] = urls.Html(pull),
                ["diff_url"] = urls.Html(pull) + ".diff",
                ["patch_url"] = urls.Html(pull) + ".patch",
                ["merged_at"] = Urls.Time(pull.MergedAt),
            },
            ["body"] = pull.Body,
            ["reactions"] = NoReactions(self),
            ["timeline_url"] = $"{self}/timeline",
            ["performed_via_github_app"] = null,
            ["state_reason"] = null,
        };
    }

    private static JsonObject NoReactions(string of)
    {
        var reactions = new JsonObject { ["url"] = $"{of}/reactions", ["total_count"] = 0 };
        foreach (var name in Reactions)
        {
            reactions[name] = 0;
        }

        return reactions;
    }
}
