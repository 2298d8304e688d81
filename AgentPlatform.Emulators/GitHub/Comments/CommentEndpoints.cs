using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.RateLimits;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Comments;

/// <summary>Comments on pull requests, which are issues to this part of the API.</summary>
internal static class CommentEndpoints
{
    public const int BodyMax = 65_536;

    public static RouteGroupBuilder MapComments(this RouteGroupBuilder repository)
    {
        repository.MapPost("issues/{number:int}/comments", Create).Writes("issues", "pull_requests").WithMetadata(new CreatesContent());
        repository.MapGet("issues/{number:int}/comments", List).Reads("issues", "pull_requests");
        repository.MapGet("issues/comments/{id:long}", Get).Reads("issues", "pull_requests");
        repository.MapPatch("issues/comments/{id:long}", Edit).Writes("issues", "pull_requests");
        repository.MapDelete("issues/comments/{id:long}", Delete).Writes("issues", "pull_requests");
        return repository;
    }

    private static Answer Create(GitHubCall call, int number, CommentService comments, GitHubState state, Urls urls)
    {
        var fields = new Fields(call.Body);
        var body = fields.Text("body", required: true);
        if (fields.Error is { } invalid)
        {
            return invalid;
        }

        if (TooLong(body!) is { } refused)
        {
            return refused;
        }

        var comment = comments.Create(call.Repository, number, state.Bot, body!, byApp: true);
        return comment is null ? Answer.NotFound()
            : Answer.Created(urls.Comment(call.Repository, comment), $"{urls.Api(call.Repository)}/issues/comments/{comment.Id}");
    }

    private static Answer List(GitHubCall call, int number, GitHubState state, Urls urls)
    {
        lock (state.Gate)
        {
            return call.Repository.FindPull(number) is null
                ? Answer.NotFound()
                : call.Page([.. call.Repository.Comments.Where(comment => comment.IssueNumber == number)], comment =>
                    urls.Comment(call.Repository, comment), urls);
        }
    }

    private static Answer Get(GitHubCall call, long id, GitHubState state, Urls urls)
    {
        lock (state.Gate)
        {
            return Find(call, id) is { } comment ? Answer.Ok(urls.Comment(call.Repository, comment)) : Answer.NotFound();
        }
    }

    private static Answer Edit(GitHubCall call, long id, GitHubState state, Urls urls, TimeProvider time)
    {
        var fields = new Fields(call.Body);
        var body = fields.Text("body", required: true);
        if (fields.Error is { } invalid)
        {
            return invalid;
        }

        lock (state.Gate)
        {
            if (Find(call, id) is not { } comment)
            {
                return Answer.NotFound();
            }

            if (!comment.ByApp)
            {
                return Answer.Error(403, "Resource not accessible by integration");
            }

            if (TooLong(body!) is { } refused)
            {
                return refused;
            }

            (comment.Body, comment.UpdatedAt) = (body!, time.GetUtcNow());
            return Answer.Ok(urls.Comment(call.Repository, comment));
        }
    }

    private static Answer Delete(GitHubCall call, long id, GitHubState state)
    {
        lock (state.Gate)
        {
            return Find(call, id) is { } comment && call.Repository.Comments.Remove(comment) ? Answer.NoContent() : Answer.NotFound();
        }
    }

    private static IssueComment? Find(GitHubCall call, long id) => call.Repository.Comments.Find(comment => comment.Id == id);

    private static Answer? TooLong(string body) => body.Length <= BodyMax
        ? null
        : Answer.Refused("IssueComment", "data", "unprocessable", $"Body is too long (maximum is {BodyMax} characters)");
}
