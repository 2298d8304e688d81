using AgentPlatform.Emulators.GitHub.Git;
using AgentPlatform.Emulators.GitHub.Hooks;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Pulls;

/// <summary>What happens to pull requests: they are opened, closed, and follow the branches they stand on.</summary>
internal sealed class PullService(GitHubState state, GitStore git, Webhooks webhooks, TimeProvider time)
{
    private const int CommitsMax = 10_000;

    /// <summary>Opens a pull request. Null when a branch is missing or the two have no commit in common.</summary>
    public async Task<PullRequest?> OpenAsync(
        Repository repository, Repository head, string headRef, string baseRef, string title, string? body, Account user, bool draft,
        CancellationToken cancellationToken)
    {
        if (await git.ResolveAsync(head.Directory, $"refs/heads/{headRef}", cancellationToken) is not { } sha ||
            await git.ResolveAsync(repository.Directory, $"refs/heads/{baseRef}", cancellationToken) is null)
        {
            return null;
        }

        int number;
        lock (state.Gate)
        {
            number = repository.TakeNumber();
        }

        if (await LookAsync(repository, number, head, sha, baseRef, user, cancellationToken) is not { } change)
        {
            return null;
        }

        lock (state.Gate)
        {
            var now = time.GetUtcNow();
            var pull = new PullRequest
            {
                Id = state.NextId(),
                Number = number,
                Repository = repository,
                User = user,
                Title = title,
                Body = body,
                BaseRef = baseRef,
                HeadRef = headRef,
                HeadRepository = head,
                HeadOwner = head.Owner,
                Draft = draft,
                CreatedAt = now,
                UpdatedAt = now,
                Change = change,
            };
            repository.Pulls.Add(pull);
            webhooks.PullRequest("opened", pull, user);
            return pull;
        }
    }

    /// <summary>Brings the open pull requests of a branch to where the branch is now.</summary>
    public async Task FollowAsync(Repository head, string headRef, string? sha, Account sender, CancellationToken cancellationToken)
    {
        List<PullRequest> following;
        lock (state.Gate)
        {
            following = [.. state.Repositories.SelectMany(repository => repository.Pulls)
                .Where(pull => pull.Open && pull.HeadRepository == head && pull.HeadRef == headRef)];
        }

        foreach (var pull in following)
        {
            if (sha is null)
            {
                Close(pull, sender);
                continue;
            }

            var before = pull.Change.HeadSha;
            if (before != sha && await LookAsync(pull.Repository, pull.Number, head, sha, pull.BaseRef, sender,
                cancellationToken) is { } change)
            {
                lock (state.Gate)
                {
                    (pull.Change, pull.UpdatedAt) = (change, time.GetUtcNow());
                    webhooks.PullRequest("synchronize", pull, sender, before);
                }
            }
        }
    }

    public void Close(PullRequest pull, Account sender) =>
        Change(pull, sender, "closed", pull.Open, () => (pull.Open, pull.ClosedAt) = (false, time.GetUtcNow()));

    /// <summary>Opens a closed pull request again, at whatever its branch holds now.</summary>
    public async Task ReopenAsync(PullRequest pull, Account sender, CancellationToken cancellationToken)
    {
        if (pull.HeadRepository is { } head &&
            await git.ResolveAsync(head.Directory, $"refs/heads/{pull.HeadRef}", cancellationToken) is { } sha &&
            await LookAsync(pull.Repository, pull.Number, head, sha, pull.BaseRef, sender, cancellationToken) is { } change)
        {
            lock (state.Gate)
            {
                pull.Change = change;
            }
        }

        Change(pull, sender, "reopened", !pull.Open && pull.MergedAt is null, () => (pull.Open, pull.ClosedAt) = (true, null));
    }

    public void Ready(PullRequest pull, Account sender) =>
        Change(pull, sender, "ready_for_review", pull.Open && pull.Draft, () => pull.Draft = false);

    public void ConvertToDraft(PullRequest pull, Account sender) =>
        Change(pull, sender, "converted_to_draft", pull.Open && !pull.Draft, () => pull.Draft = true);

    /// <summary>Marks a pull request as merged; the push to the base branch is the caller's.</summary>
    public void Merged(PullRequest pull, Account sender) => Change(pull, sender, "closed", pull.Open, () =>
    {
        var now = time.GetUtcNow();
        (pull.Open, pull.ClosedAt, pull.MergedAt, pull.MergedBy) = (false, now, now, sender);
    });

    private void Change(PullRequest pull, Account sender, string action, bool applies, Action change)
    {
        if (!applies)
        {
            return;
        }

        lock (state.Gate)
        {
            change();
            pull.UpdatedAt = time.GetUtcNow();
            webhooks.PullRequest(action, pull, sender);
        }
    }

    /// <summary>
    /// Asks git about a change, and keeps its head and merge where GitHub does: <c>refs/pull/N/head</c> and <c>refs/pull/N/merge</c>.
    /// </summary>
    private async Task<PullChange?> LookAsync(
        Repository repository, int number, Repository head, string sha, string baseRef, Account author, CancellationToken cancellationToken)
    {
        var directory = repository.Directory;
        var (headName, mergeName) = ($"refs/pull/{number}/head", $"refs/pull/{number}/merge");
        if (head == repository)
        {
            await git.SetRefAsync(directory, headName, sha, cancellationToken);
        }
        else
        {
            await git.CopyAsync(head.Directory, sha, directory, headName, cancellationToken);
        }

        if (await git.ResolveAsync(directory, $"refs/heads/{baseRef}", cancellationToken) is not { } baseSha ||
            await git.MergeBaseAsync(directory, baseSha, sha, cancellationToken) is not { } mergeBase)
        {
            return null;
        }

        var person = new GitPerson(author.Login, author.Email, time.GetUtcNow());
        var merge = await git.MergeAsync(directory, baseSha, sha, $"Merge {sha} into {baseSha}", person, cancellationToken);
        if (merge is not null)
        {
            await git.SetRefAsync(directory, mergeName, merge, cancellationToken);
        }

        var commits = await git.CommitsAsync(directory, baseSha, sha, CommitsMax, cancellationToken);
        var files = await git.DiffAsync(directory, mergeBase, sha, cancellationToken);
        return new PullChange(sha, baseSha, mergeBase, merge, commits.Count, files);
    }
}
