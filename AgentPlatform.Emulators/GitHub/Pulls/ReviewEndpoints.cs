using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.RateLimits;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Pulls;

/// <summary>Reviews of pull requests, with comments on lines.</summary>
internal static class ReviewEndpoints
{
    public static RouteGroupBuilder MapReviews(this RouteGroupBuilder repository)
    {
        repository.MapPost("pulls/{number:int}/reviews", Create).Writes("pull_requests").WithMetadata(new CreatesContent());
        repository.MapGet("pulls/{number:int}/reviews", List).Reads("pull_requests");
        repository.MapGet("pulls/{number:int}/comments", ListComments).Reads("pull_requests");
        return repository;
    }

    private static Answer Create(GitHubCall call, int number, GitHubState state, Urls urls, TimeProvider time)
    {
        var fields = new Fields(call.Body);
        var body = fields.Text("body");
        var wanted = fields.OneOf("event", "APPROVE", "REQUEST_CHANGES", "COMMENT");
        var commit = fields.Text("commit_id");
        var comments = fields.Objects("comments", max: 1000);
        if (fields.Error is { } invalid)
        {
            return invalid;
        }

        lock (state.Gate)
        {
            if (call.Repository.FindPull(number) is not { } pull)
            {
                return Answer.NotFound();
            }

            if (wanted is "REQUEST_CHANGES" or "COMMENT" && string.IsNullOrEmpty(body) && comments.Count == 0)
            {
                return Unprocessable("Review Can not be blank");
            }

            var now = time.GetUtcNow();
            var review = new Review
            {
                Id = state.NextId(),
                User = state.Bot,
                Body = body ?? string.Empty,
                State = wanted switch
                {
                    "APPROVE" => "APPROVED",
                    "REQUEST_CHANGES" => "CHANGES_REQUESTED",
                    "COMMENT" => "COMMENTED",
                    _ => "PENDING",
                },
                CommitId = commit ?? pull.Change.HeadSha,
                SubmittedAt = wanted is null ? null : now,
            };
            foreach (var comment in comments)
            {
                if (Comment(comment, review, pull, state.NextId(), now) is not { } made)
                {
                    return Unprocessable("Path could not be resolved");
                }

                review.Comments.Add(made);
            }

            pull.Reviews.Add(review);
            return Answer.Ok(Shape(urls, pull, review));
        }
    }

    private static ReviewComment? Comment(JsonObject given, Review review, PullRequest pull, long id, DateTimeOffset now)
    {
        var fields = new Fields(given);
        var (path, body) = (fields.Text("path"), fields.Text("body"));
        var (line, side) = (fields.Number("line") ?? fields.Number("position"), fields.Text("side") ?? "RIGHT");
        return path is not null && body is not null && pull.Change.Files.Any(file => file.Path == path)
            ? new ReviewComment(id, review.User, path, line, side, body, review.CommitId, now)
            : null;
    }

    private static Answer List(GitHubCall call, int number, GitHubState state, Urls urls)
    {
        lock (state.Gate)
        {
            return call.Repository.FindPull(number) is { } pull ? call.Page(pull.Reviews, review => Shape(urls, pull, review), urls)
                : Answer.NotFound();
        }
    }

    private static Answer ListComments(GitHubCall call, int number, GitHubState state, Urls urls)
    {
        lock (state.Gate)
        {
            return call.Repository.FindPull(number) is { } pull
                ? call.Page([.. pull.Reviews.SelectMany(review => review.Comments.Select(comment => (review, comment)))], pair =>
                    Shape(urls, pull, pair.review, pair.comment), urls)
                : Answer.NotFound();
        }
    }

    private static Answer Unprocessable(string message) => Answer.Error(422, "Unprocessable Entity", [message]);

    private static JsonObject Shape(Urls urls, PullRequest pull, Review review)
    {
        var html = $"{urls.Html(pull)}#pullrequestreview-{review.Id}";
        var shape = new JsonObject
        {
            ["id"] = review.Id,
            ["node_id"] = Urls.NodeId("PRR", review.Id),
            ["user"] = urls.User(review.User),
            ["body"] = review.Body,
            ["state"] = review.State,
            ["html_url"] = html,
            ["pull_request_url"] = urls.Api(pull),
            ["author_association"] = AccountShape.Association(pull.Repository, review.User),
            ["_links"] = new JsonObject
            {
                ["html"] = new JsonObject { ["href"] = html },
                ["pull_request"] = new JsonObject { ["href"] = urls.Api(pull) },
            },
            ["commit_id"] = review.CommitId,
        };
        if (review.SubmittedAt is { } submitted)
        {
            shape["submitted_at"] = Urls.Time(submitted);
        }

        return shape;
    }

    private static JsonObject Shape(Urls urls, PullRequest pull, Review review, ReviewComment comment)
    {
        var self = $"{urls.Api(pull.Repository)}/pulls/comments/{comment.Id}";
        var html = $"{urls.Html(pull)}#discussion_r{comment.Id}";
        var patch = pull.Change.Files.FirstOrDefault(file => file.Path == comment.Path)?.Patch;
        return new JsonObject
        {
            ["url"] = self,
            ["pull_request_review_id"] = review.Id,
            ["id"] = comment.Id,
            ["node_id"] = Urls.NodeId("PRRC", comment.Id),
            ["diff_hunk"] = patch ?? string.Empty,
            ["path"] = comment.Path,
            ["commit_id"] = pull.Change.HeadSha,
            ["original_commit_id"] = comment.CommitId,
            ["user"] = urls.User(comment.User),
            ["body"] = comment.Body,
            ["created_at"] = Urls.Time(comment.CreatedAt),
            ["updated_at"] = Urls.Time(comment.CreatedAt),
            ["html_url"] = html,
            ["pull_request_url"] = urls.Api(pull),
            ["author_association"] = AccountShape.Association(pull.Repository, comment.User),
            ["_links"] = new JsonObject
            {
                ["self"] = new JsonObject { ["href"] = self },
                ["html"] = new JsonObject { ["href"] = html },
                ["pull_request"] = new JsonObject { ["href"] = urls.Api(pull) },
            },
            ["line"] = comment.Line,
            ["original_line"] = comment.Line,
            ["side"] = comment.Side,
            ["subject_type"] = comment.Line is null ? "file" : "line",
        };
    }
}
