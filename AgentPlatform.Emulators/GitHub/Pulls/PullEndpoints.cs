using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Git;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Pulls;

/// <summary>Reading pull requests.</summary>
internal static class PullEndpoints
{
    /// <summary>GitHub lists no more files of a pull request than this.</summary>
    private const int FilesMax = 3000;

    /// <summary>GitHub lists no more commits of a pull request than this.</summary>
    private const int CommitsMax = 250;

    public static RouteGroupBuilder MapPulls(this RouteGroupBuilder repository)
    {
        repository.MapGet("pulls", List).Reads("pull_requests");
        repository.MapGet("pulls/{number:int}", GetAsync).Reads("pull_requests");
        repository.MapGet("pulls/{number:int}/files", ListFiles).Reads("pull_requests");
        repository.MapGet("pulls/{number:int}/commits", ListCommitsAsync).Reads("pull_requests");
        repository.MapGet("commits/{reference}/pulls", ListOfCommitAsync).Reads("pull_requests");
        return repository;
    }

    private static Answer List(GitHubCall call, GitHubState state, Urls urls)
    {
        lock (state.Gate)
        {
            var (wanted, head, baseRef) = (call.Query("state") ?? "open", call.Query("head"), call.Query("base"));
            var ascending = (call.Query("direction") ?? "desc") == "asc";
            var pulls = call.Repository.Pulls
                .Where(pull => wanted == "all" || pull.Open == (wanted == "open"))
                .Where(pull => head is null || $"{pull.HeadOwner.Login}:{pull.HeadRef}" == head)
                .Where(pull => baseRef is null || pull.BaseRef == baseRef);
            var sorted = call.Query("sort") == "updated" ? pulls.OrderBy(pull => pull.UpdatedAt) : pulls.OrderBy(pull => pull.Number);
            return call.Page([.. ascending ? sorted : sorted.Reverse()], urls.SimplePull, urls);
        }
    }

    private static async Task<Answer> GetAsync(GitHubCall call, int number, GitHubState state, GitStore git, Urls urls)
    {
        PullChange change;
        lock (state.Gate)
        {
            if (call.Repository.FindPull(number) is not { } pull)
            {
                return Answer.NotFound();
            }

            if (!call.Accepts("diff"))
            {
                return Answer.Ok(urls.Pull(pull));
            }

            change = pull.Change;
        }

        var patch = await git.PatchAsync(call.Repository.Directory, change.MergeBase, change.HeadSha, call.Context.RequestAborted);
        return Answer.Text(patch, "application/vnd.github.diff; charset=utf-8");
    }

    private static Answer ListFiles(GitHubCall call, int number, GitHubState state, Urls urls)
    {
        lock (state.Gate)
        {
            return call.Repository.FindPull(number) is { } pull
                ? call.Page([.. pull.Change.Files.Take(FilesMax)], file => urls.File(call.Repository, pull.Change.HeadSha, file), urls)
                : Answer.NotFound();
        }
    }

    private static async Task<Answer> ListCommitsAsync(GitHubCall call, int number, GitHubState state, GitStore git, Urls urls)
    {
        PullChange? change;
        lock (state.Gate)
        {
            change = call.Repository.FindPull(number)?.Change;
        }

        if (change is null)
        {
            return Answer.NotFound();
        }

        var commits = await git.CommitsAsync(call.Repository.Directory, change.BaseSha, change.HeadSha, CommitsMax,
            call.Context.RequestAborted);
        return call.Page([.. commits.Reverse()], commit => urls.Commit(state, call.Repository, commit), urls);
    }

    private static async Task<Answer> ListOfCommitAsync(GitHubCall call, string reference, GitHubState state, GitStore git, Urls urls)
    {
        var sha = await git.ResolveAsync(call.Repository.Directory, Reference.Decode(reference), call.Context.RequestAborted);
        lock (state.Gate)
        {
            return sha is null
                ? Answer.Error(422, $"No commit found for SHA: {reference}")
                : call.Page([.. call.Repository.Pulls.Where(pull => pull.Change.HeadSha == sha)], urls.SimplePull, urls);
        }
    }
}
