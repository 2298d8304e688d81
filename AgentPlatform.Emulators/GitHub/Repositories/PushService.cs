using AgentPlatform.Emulators.GitHub.Git;
using AgentPlatform.Emulators.GitHub.Hooks;
using AgentPlatform.Emulators.GitHub.Pulls;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Repositories;

/// <summary>
/// Changes a repository's refs and lets everything follow that follows on GitHub: the push event, and the pull requests
/// whose head moved.
/// </summary>
internal sealed class PushService(GitHubState state, GitStore git, PullService pulls, Webhooks webhooks, TimeProvider time)
{
    private const string Heads = "refs/heads/";
    private const string Tags = "refs/tags/";

    /// <summary>Commits named in one event. GitHub names up to 2048; a git program runs for each here.</summary>
    private const int CommitsMax = 100;

    /// <summary>GitHub sends no event for a push of more tags than this.</summary>
    private const int TagsMax = 3;

    /// <summary>Runs something that may change refs, and reports what it changed.</summary>
    public async Task<T> WatchAsync<T>(Repository repository, Account sender, Func<Task<T>> change, CancellationToken cancellationToken)
    {
        await repository.RefsGate.WaitAsync(cancellationToken);
        try
        {
            var before = await git.RefsAsync(repository.Directory, cancellationToken);
            var result = await change();
            var after = await git.RefsAsync(repository.Directory, cancellationToken);
            // What was changed is changed, also when the client has gone; its events follow all the same.
            await ReportAsync(repository, before, after, sender, CancellationToken.None);
            return result;
        }
        finally
        {
            repository.RefsGate.Release();
        }
    }

    /// <summary>Makes a commit on a branch, as a person's push would.</summary>
    public Task<string> CommitAsync(Repository repository, GitChange change, Account sender, CancellationToken cancellationToken) =>
        WatchAsync(repository, sender, () => git.CommitAsync(repository.Directory, change, cancellationToken), cancellationToken);

    /// <summary>Moves a branch to a commit that is there already: forwards, or back, as a force-push does.</summary>
    public Task<string> MoveAsync(Repository repository, string branch, string sha, Account sender, CancellationToken cancellationToken) =>
        WatchAsync(repository, sender, async () =>
        {
            await git.SetRefAsync(repository.Directory, Heads + branch, sha, cancellationToken);
            return sha;
        }, cancellationToken);

    public Task<bool> DeleteAsync(Repository repository, string branch, Account sender, CancellationToken cancellationToken) =>
        WatchAsync(repository, sender, async () =>
        {
            await git.DeleteRefAsync(repository.Directory, Heads + branch, cancellationToken);
            return true;
        }, cancellationToken);

    private async Task ReportAsync(Repository repository, Dictionary<string, string> before, Dictionary<string, string> after,
        Account sender, CancellationToken cancellationToken)
    {
        var changed = before.Keys.Union(after.Keys)
            .Where(name => before.GetValueOrDefault(name) != after.GetValueOrDefault(name))
            .Where(name => name.StartsWith(Heads, StringComparison.Ordinal) || name.StartsWith(Tags, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
        if (changed.Count == 0)
        {
            return;
        }

        lock (state.Gate)
        {
            repository.PushedAt = time.GetUtcNow();
        }

        var manyTags = changed.Count(name => name.StartsWith(Tags, StringComparison.Ordinal)) > TagsMax;
        foreach (var name in changed)
        {
            var (from, to) = (before.GetValueOrDefault(name), after.GetValueOrDefault(name));
            var pushed = await DescribeAsync(repository, name, from, to, cancellationToken);
            lock (state.Gate)
            {
                if (!manyTags || name.StartsWith(Heads, StringComparison.Ordinal))
                {
                    webhooks.Push(repository, pushed, sender);
                }
            }

            if (name.StartsWith(Heads, StringComparison.Ordinal))
            {
                await pulls.FollowAsync(repository, name[Heads.Length..], to, sender, cancellationToken);
            }
        }
    }

    private async Task<PushedRef> DescribeAsync(Repository repository, string name, string? before, string? after,
        CancellationToken cancellationToken)
    {
        var directory = repository.Directory;
        var files = new Dictionary<string, IReadOnlyList<GitDiffFile>>(StringComparer.Ordinal);
        if (after is null || await git.ResolveAsync(directory, name, cancellationToken) is not { } head)
        {
            return new PushedRef(name, before ?? GitStore.NoCommit, after ?? GitStore.NoCommit, Forced: false, [], files);
        }

        var known = before is null ? await git.ResolveAsync(directory, $"refs/heads/{repository.DefaultBranch}", cancellationToken)
            : before;
        var commits = await git.CommitsAsync(directory, known == head ? null : known, head, known == head ? 1 : CommitsMax,
            cancellationToken);
        foreach (var commit in commits.Where(commit => commit.Parents.Count > 0))
        {
            files[commit.Sha] = await git.DiffAsync(directory, commit.Parents[0], commit.Sha, cancellationToken);
        }

        var forced = before is not null && await git.MergeBaseAsync(directory, before, head, cancellationToken) != before;
        return new PushedRef(name, before ?? GitStore.NoCommit, after, forced, [.. commits.Reverse()], files);
    }
}
