using AgentPlatform.Emulators.Control;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Git;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Control;

/// <summary>Making and changing repositories, as people do on GitHub's pages and by pushing.</summary>
internal static class RepositoryControl
{
    public static RouteGroupBuilder MapRepositoryControl(this RouteGroupBuilder control)
    {
        control.MapGet("repositories", (GitHubState state, Urls urls) =>
            state.Repositories.Select(repository => Describe(repository, state, urls, null)).ToList());
        control.MapPost("repositories", CreateAsync);
        var repository = control.MapGroup("repositories/{owner}/{name}");
        repository.MapDelete("", Delete);
        repository.MapPost("rename", Rename);
        repository.MapPost("forks", ForkAsync);
        repository.MapPut("collaborators", PutCollaborator);
        repository.MapPost("commits", CommitAsync);
        repository.MapPut("branches", MoveBranchAsync);
        repository.MapDelete("branches", DeleteBranchAsync);
        return control;
    }

    public static async Task<IResult> CreateAsync(NewRepository wanted, RepositoryFactory factory, GitHubState state, Urls urls,
        CancellationToken cancellationToken)
    {
        List<GitFile> files = [.. FileMap.Read(wanted.Files), .. wanted.Directory is { } directory ? FileMap.ReadDirectory(directory) : []];
        var account = state.Account(wanted.Owner, wanted.Organization ? AccountType.Organization : AccountType.User);
        if (state.FindRepository(wanted.Owner, wanted.Name) is not null)
        {
            return ControlGroup.Problem("already_exists", $"There is a repository {wanted.Owner}/{wanted.Name} already.",
                StatusCodes.Status409Conflict);
        }

        var (repository, sha) = await factory.CreateAsync(account, wanted.Name, wanted.DefaultBranch, wanted.Private, wanted.Description,
            wanted.Installed, files, cancellationToken);
        foreach (var (login, role) in wanted.Collaborators ?? [])
        {
            repository.Collaborators[state.Account(login).Login] = role;
        }

        return TypedResults.Created(urls.Html(repository), Describe(repository, state, urls, sha));
    }

    private static IResult Delete(string owner, string name, GitHubState state) =>
        With(state, owner, name, repository =>
        {
            state.RemoveRepository(repository);
            return TypedResults.NoContent();
        });

    private static IResult Rename(string owner, string name, NewName wanted, GitHubState state, Urls urls) =>
        With(state, owner, name, repository =>
        {
            lock (state.Gate)
            {
                repository.FormerNames.Add(repository.Name);
                repository.Name = wanted.Name;
            }

            return TypedResults.Ok(Describe(repository, state, urls, null));
        });

    private static async Task<IResult> ForkAsync(string owner, string name, NewFork wanted, RepositoryFactory factory, GitHubState state,
        Urls urls, CancellationToken cancellationToken)
    {
        if (state.FindRepository(owner, name) is not { } parent)
        {
            return ControlGroup.NotFound($"repository {owner}/{name}");
        }

        var fork = await factory.ForkAsync(parent, state.Account(wanted.Owner), wanted.Name ?? parent.Name, cancellationToken);
        return TypedResults.Created(urls.Html(fork), Describe(fork, state, urls, null));
    }

    private static IResult PutCollaborator(string owner, string name, NewRole wanted, GitHubState state) =>
        With(state, owner, name, repository =>
        {
            lock (state.Gate)
            {
                repository.Collaborators[state.Account(wanted.Login).Login] = wanted.Role;
            }

            return TypedResults.NoContent();
        });

    private static async Task<IResult> CommitAsync(
        string owner, string name, NewCommit wanted, GitHubState state, GitStore git, PushService pushes, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (state.FindRepository(owner, name) is not { } repository)
        {
            return ControlGroup.NotFound($"repository {owner}/{name}");
        }

        var sender = Sender(state, repository, wanted.User);
        var parent = await ResolveAsync(wanted.From ?? $"refs/heads/{wanted.Branch}")
            ?? (wanted.From is null ? await ResolveAsync($"refs/heads/{repository.DefaultBranch}") : null);
        if (parent is null && wanted.From is not null)
        {
            return ControlGroup.NotFound($"commit {wanted.From}");
        }

        var change = new GitChange(wanted.Branch, wanted.Message, new GitPerson(sender.Login, sender.Email, time.GetUtcNow()), parent,
            [.. FileMap.Read(wanted.Files)], !wanted.Replace);
        var sha = await pushes.CommitAsync(repository, change, sender, cancellationToken);
        return TypedResults.Ok(new { wanted.Branch, Sha = sha, Parent = parent });

        Task<string?> ResolveAsync(string reference) => git.ResolveAsync(repository.Directory, reference, cancellationToken);
    }

    private static async Task<IResult> MoveBranchAsync(
        string owner, string name, MovedBranch wanted, GitHubState state, GitStore git, PushService pushes,
        CancellationToken cancellationToken)
    {
        if (state.FindRepository(owner, name) is not { } repository ||
            await git.ResolveAsync(repository.Directory, wanted.Sha, cancellationToken) is not { } sha)
        {
            return ControlGroup.NotFound($"commit {wanted.Sha} in {owner}/{name}");
        }

        await pushes.MoveAsync(repository, wanted.Branch, sha, Sender(state, repository, wanted.User), cancellationToken);
        return TypedResults.Ok(new { wanted.Branch, Sha = sha });
    }

    private static async Task<IResult> DeleteBranchAsync(
        string owner, string name, string branch, GitHubState state, PushService pushes, CancellationToken cancellationToken)
    {
        if (state.FindRepository(owner, name) is not { } repository)
        {
            return ControlGroup.NotFound($"repository {owner}/{name}");
        }

        await pushes.DeleteAsync(repository, branch, repository.Owner, cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>Who acts: the named account, else the repository's owner, or for an organization a member.</summary>
    public static Account Sender(GitHubState state, Repository repository, string? login) =>
        login is not null ? state.Account(login)
        : repository.Owner.Type == AccountType.Organization ? state.Account($"{repository.Owner.Login}-member")
        : repository.Owner;

    private static IResult With(GitHubState state, string owner, string name, Func<Repository, IResult> answer) =>
        state.FindRepository(owner, name) is { } repository ? answer(repository) : ControlGroup.NotFound($"repository {owner}/{name}");

    private static object Describe(Repository repository, GitHubState state, Urls urls, string? sha) => new
    {
        repository.Id,
        repository.FullName,
        repository.Private,
        repository.DefaultBranch,
        HeadSha = sha,
        HtmlUrl = urls.Html(repository),
        CloneUrl = urls.Html(repository) + ".git",
        ApiUrl = urls.Api(repository),
        InstallationId = state.InstallationFor(repository)?.Id,
    };
}
