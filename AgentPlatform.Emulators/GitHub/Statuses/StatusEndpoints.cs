using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Git;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Statuses;

/// <summary>Commit statuses.</summary>
internal static class StatusEndpoints
{
    private const int PerContextMax = 1000;
    private const int DescriptionMax = 140;

    public static RouteGroupBuilder MapStatuses(this RouteGroupBuilder repository)
    {
        repository.MapPost("statuses/{sha}", CreateAsync).Writes("statuses");
        repository.MapGet("commits/{reference}/statuses", ListAsync).Reads("statuses");
        repository.MapGet("commits/{reference}/status", CombinedAsync).Reads("statuses");
        return repository;
    }

    private static async Task<Answer> CreateAsync(GitHubCall call, string sha, GitHubState state, GitStore git, Urls urls,
        TimeProvider time)
    {
        var fields = new Fields(call.Body);
        var kind = fields.OneOf("state", required: true, ["error", "failure", "pending", "success"]);
        var (context, description, target) = (fields.Text("context") ?? "default", fields.Text("description"), fields.Text("target_url"));
        if (fields.Error is { } invalid)
        {
            return invalid;
        }

        if (description?.Length > DescriptionMax)
        {
            return Answer.Refused("Status", "description", "custom", $"description is too long (maximum is {DescriptionMax} characters)");
        }

        if (await git.ResolveAsync(call.Repository.Directory, sha, call.Context.RequestAborted) != sha)
        {
            return Answer.Error(422, $"No commit found for SHA: {sha}");
        }

        lock (state.Gate)
        {
            if (call.Repository.Statuses.Count(status => status.Sha == sha && status.Context == context) >= PerContextMax)
            {
                return Answer.Error(422, "Validation Failed", [new JsonObject
                {
                    ["resource"] = "Status", ["code"] = "custom",
                        ["message"] = "This SHA and context has reached the maximum number of statuses.",
                }]);
            }

            var made = new CommitStatus(state.NextId(), sha, context, kind!, description, target, state.Bot, time.GetUtcNow());
            call.Repository.Statuses.Add(made);
            return Answer.Created(Shape(urls, call.Repository, made, withCreator: true), $"{urls.Api(call.Repository)}/statuses/{sha}");
        }
    }

    private static async Task<Answer> ListAsync(GitHubCall call, string reference, GitHubState state, GitStore git, Urls urls)
    {
        var sha = await git.ResolveAsync(call.Repository.Directory, Reference.Decode(reference), call.Context.RequestAborted);
        lock (state.Gate)
        {
            return sha is null
                ? Answer.NotFound()
                : call.Page([.. call.Repository.Statuses.Where(status => status.Sha == sha).Reverse()], status =>
                    Shape(urls, call.Repository, status, withCreator: true), urls);
        }
    }

    private static async Task<Answer> CombinedAsync(GitHubCall call, string reference, GitHubState state, GitStore git, Urls urls)
    {
        var sha = await git.ResolveAsync(call.Repository.Directory, Reference.Decode(reference), call.Context.RequestAborted);
        lock (state.Gate)
        {
            if (sha is null)
            {
                return Answer.NotFound();
            }

            var latest = call.Repository.Statuses.Where(status => status.Sha == sha).GroupBy(status => status.Context)
                .Select(group => group.Last()).ToList();
            var combined = latest.Exists(status => status.State is "error" or "failure") ? "failure"
                : latest.Count == 0 || latest.Exists(status => status.State == "pending") ? "pending" : "success";
            return Answer.Ok(new JsonObject
            {
                ["state"] = combined,
                ["statuses"] = new JsonArray([.. latest.Select(status => Shape(urls, call.Repository, status, withCreator: false))]),
                ["sha"] = sha,
                ["total_count"] = latest.Count,
                ["repository"] = urls.Repository(call.Repository),
                ["commit_url"] = $"{urls.Api(call.Repository)}/commits/{sha}",
                ["url"] = $"{urls.Api(call.Repository)}/commits/{sha}/status",
            });
        }
    }

    private static JsonObject Shape(Urls urls, Repository repository, CommitStatus status, bool withCreator)
    {
        var shape = new JsonObject
        {
            ["url"] = $"{urls.Api(repository)}/statuses/{status.Sha}",
            ["avatar_url"] = $"{urls.Html}/avatars/u/{status.Creator.Id}?v=4",
            ["id"] = status.Id,
            ["node_id"] = Urls.NodeId("SC", status.Id),
            ["state"] = status.State,
            ["description"] = status.Description,
            ["target_url"] = status.TargetUrl,
            ["context"] = status.Context,
            ["created_at"] = Urls.Time(status.CreatedAt),
            ["updated_at"] = Urls.Time(status.CreatedAt),
        };
        if (withCreator)
        {
            shape["creator"] = urls.User(status.Creator);
        }

        return shape;
    }
}
