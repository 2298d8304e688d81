using AgentPlatform.Emulators.GitHub.Hooks;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Comments;

/// <summary>Makes comments, whoever writes them.</summary>
internal sealed class CommentService(GitHubState state, Webhooks webhooks, TimeProvider time)
{
    /// <summary>Null when there is no such pull request.</summary>
    public IssueComment? Create(Repository repository, int number, Account user, string body, bool byApp)
    {
        lock (state.Gate)
        {
            if (repository.FindPull(number) is not { } pull)
            {
                return null;
            }

            var now = time.GetUtcNow();
            var comment = new IssueComment
            {
                Id = state.NextId(),
                IssueNumber = number,
                User = user,
                Body = body,
                ByApp = byApp,
                CreatedAt = now,
                UpdatedAt = now,
            };
            repository.Comments.Add(comment);
            pull.UpdatedAt = now;
            webhooks.CommentCreated(pull, comment);
            return comment;
        }
    }
}
