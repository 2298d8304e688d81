using AgentPlatform.Emulators.GitHub.Git;
using AgentPlatform.Emulators.GitHub.Hooks;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Repositories;

/// <summary>Makes repositories and forks of them.</summary>
internal sealed class RepositoryFactory(GitHubState state, GitStore git, Webhooks webhooks, TimeProvider time)
{
    /// <summary>Makes a repository with a first commit, and installs the App for its owner where it is not yet.</summary>
    public async Task<(Repository Repository, string Sha)> CreateAsync(
        Account owner, string name, string defaultBranch, bool isPrivate, string? description, bool installed,
        IReadOnlyList<GitFile> files, CancellationToken cancellationToken)
    {
        var repository = state.AddRepository(owner, name, defaultBranch, isPrivate, description, parent: null);
        await git.InitializeAsync(repository.Directory, defaultBranch, cancellationToken);
        var content = files.Count > 0 ? files : [new GitFile("README.md", System.Text.Encoding.UTF8.GetBytes($"# {name}\n"))];
        var sha = await git.CommitAsync(
            repository.Directory, new GitChange(defaultBranch, "Initial commit", new GitPerson(owner.Login, owner.Email, time.GetUtcNow()),
            Parent: null, content), cancellationToken);
        if (installed)
        {
            Install(owner);
        }

        return (repository, sha);
    }

    public async Task<Repository> ForkAsync(Repository parent, Account owner, string name, CancellationToken cancellationToken)
    {
        var fork = state.AddRepository(owner, name, parent.DefaultBranch, parent.Private, parent.Description, parent);
        await git.InitializeAsync(fork.Directory, fork.DefaultBranch, cancellationToken);
        foreach (var (reference, sha) in await git.RefsAsync(parent.Directory, cancellationToken))
        {
            if (reference.StartsWith("refs/heads/", StringComparison.Ordinal))
            {
                await git.CopyAsync(parent.Directory, sha, fork.Directory, reference, cancellationToken);
            }
        }

        return fork;
    }

    private void Install(Account owner)
    {
        lock (state.Gate)
        {
            if (!state.Installations.Exists(installation => installation.Account.Id == owner.Id && installation.RepositoryIds is null))
            {
                webhooks.Installation("created", state.AddInstallation(owner, repositoryIds: null));
            }
        }
    }
}
