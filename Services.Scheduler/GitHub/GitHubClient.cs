using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using AgentPlatform.ServiceDefaults.GitHub;
using Microsoft.Extensions.Options;

namespace Services.Scheduler.GitHub;

/// <summary>A repository as an installation of the App sees it. Calls go by its name; identity is the id.</summary>
/// <param name="InstallationId">The installation whose token opens it.</param>
/// <param name="Id">GitHub's id, which survives renames.</param>
/// <param name="FullName"><c>owner/name</c>, checked by <see cref="GitHubClient.IsFullName"/>.</param>
internal sealed record GitHubRepositoryRef(long InstallationId, long Id, string FullName);

/// <summary>The calls of GitHub's REST API that the platform makes, each with an installation's token. Errors are <see cref="GitHubException"/>.</summary>
internal sealed partial class GitHubClient(IHttpClientFactory clients, GitHubTokens tokens, GitHubWritePace pace, IOptionsMonitor<GitHubOptions> options)
{
    /// <summary>The named client: base address, media type and version header.</summary>
    public const string ClientName = "github";

    private const int PageSize = 100;
    private const int PagesMax = 30;

    /// <summary>Whether a name can be part of a path without further thought.</summary>
    public static bool IsFullName(string? name) => name is not null && FullNamePattern().IsMatch(name);

    public async Task<GitHubRepository> GetRepositoryAsync(GitHubRepositoryRef repository, CancellationToken cancellationToken) =>
        await GetAsync(repository, $"repositories/{repository.Id}", GitHubJsonContext.Default.GitHubRepository, cancellationToken);

    /// <summary>A repository by its name, for callers who know neither id nor installation.</summary>
    public async Task<GitHubRepositoryRef> FindRepositoryAsync(string fullName, CancellationToken cancellationToken)
    {
        var byName = new GitHubRepositoryRef(InstallationId: 0, Id: 0, fullName);
        byName = byName with { InstallationId = await tokens.FindInstallationAsync(Name(byName), cancellationToken) };
        var repository = await GetAsync(byName, $"repos/{Name(byName)}", GitHubJsonContext.Default.GitHubRepository, cancellationToken);
        return byName with { Id = repository.Id, FullName = repository.FullName };
    }

    public async Task<GitHubPull> GetPullAsync(GitHubRepositoryRef repository, int number, CancellationToken cancellationToken) =>
        await GetAsync(repository, $"repos/{Name(repository)}/pulls/{number}", GitHubJsonContext.Default.GitHubPull, cancellationToken);

    public async Task<IReadOnlyList<GitHubPull>> ListOpenPullsAsync(GitHubRepositoryRef repository, CancellationToken cancellationToken)
    {
        var pulls = new List<GitHubPull>();
        for (var page = 1; page <= PagesMax; page++)
        {
            var path = $"repos/{Name(repository)}/pulls?state=open&per_page={PageSize}&page={page}";
            var some = await GetAsync(repository, path, GitHubJsonContext.Default.IReadOnlyListGitHubPull, cancellationToken);
            pulls.AddRange(some);
            if (some.Count < PageSize)
            {
                break;
            }
        }

        return pulls;
    }

    /// <summary>A file at a commit, or null where there is none.</summary>
    public async Task<GitHubFile?> GetFileAsync(GitHubRepositoryRef repository, string path, string sha, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await GetAsync(repository, $"repos/{Name(repository)}/contents/{path}?ref={sha}", GitHubJsonContext.Default.JsonElement, cancellationToken);
            return GitHubFile.Read(answer);
        }
        catch (GitHubException error) when (error.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public async Task<string> GetPermissionAsync(GitHubRepositoryRef repository, string login, CancellationToken cancellationToken) =>
        (await GetAsync(
            repository, $"repos/{Name(repository)}/collaborators/{Uri.EscapeDataString(login)}/permission", GitHubJsonContext.Default.GitHubPermission, cancellationToken)).Permission;

    /// <summary>The check runs on a commit that carry our id, oldest first. More than one means that an answer was lost.</summary>
    public async Task<IReadOnlyList<GitHubCheckRun>> FindCheckRunsAsync(
        GitHubRepositoryRef repository, string sha, string name, string externalId, CancellationToken cancellationToken)
    {
        var found = new List<GitHubCheckRun>();
        for (var page = 1; page <= PagesMax; page++)
        {
            var path = $"repos/{Name(repository)}/commits/{sha}/check-runs?check_name={Uri.EscapeDataString(name)}&filter=all&per_page={PageSize}&page={page}";
            var some = await GetAsync(repository, path, GitHubJsonContext.Default.GitHubCheckRuns, cancellationToken);
            found.AddRange(some.CheckRuns.Where(run => run.ExternalId == externalId));
            if (some.CheckRuns.Count < PageSize)
            {
                break;
            }
        }

        found.Sort((one, other) => one.Id.CompareTo(other.Id));
        return found;
    }

    public Task<GitHubCheckRun> CreateCheckRunAsync(GitHubRepositoryRef repository, GitHubCheckRunWrite check, CancellationToken cancellationToken) =>
        WriteAsync(repository, HttpMethod.Post, $"repos/{Name(repository)}/check-runs", check, GitHubJsonContext.Default.GitHubCheckRunWrite, GitHubJsonContext.Default.GitHubCheckRun, cancellationToken);

    public Task<GitHubCheckRun> UpdateCheckRunAsync(GitHubRepositoryRef repository, long id, GitHubCheckRunWrite check, CancellationToken cancellationToken) =>
        WriteAsync(repository, HttpMethod.Patch, $"repos/{Name(repository)}/check-runs/{id}", check, GitHubJsonContext.Default.GitHubCheckRunWrite, GitHubJsonContext.Default.GitHubCheckRun, cancellationToken);

    /// <summary>
    /// The first comment of this App whose body holds <paramref name="marker"/>, or null. Anybody can write the marker into a comment of his own; that one
    /// is not ours to edit.
    /// </summary>
    public async Task<GitHubComment?> FindCommentAsync(GitHubRepositoryRef repository, int number, string marker, CancellationToken cancellationToken)
    {
        for (var page = 1; page <= PagesMax; page++)
        {
            var path = $"repos/{Name(repository)}/issues/{number}/comments?per_page={PageSize}&page={page}";
            var some = await GetAsync(repository, path, GitHubJsonContext.Default.IReadOnlyListGitHubComment, cancellationToken);
            if (some.FirstOrDefault(comment => IsOurs(comment) && comment.Body.Contains(marker, StringComparison.Ordinal)) is { } found)
            {
                return found;
            }

            if (some.Count < PageSize)
            {
                break;
            }
        }

        return null;
    }

    public Task<GitHubComment> CreateCommentAsync(GitHubRepositoryRef repository, int number, string body, CancellationToken cancellationToken) =>
        WriteAsync(repository, HttpMethod.Post, $"repos/{Name(repository)}/issues/{number}/comments", new GitHubCommentWrite(body), GitHubJsonContext.Default.GitHubCommentWrite, GitHubJsonContext.Default.GitHubComment, cancellationToken);

    public Task<GitHubComment> UpdateCommentAsync(GitHubRepositoryRef repository, long id, string body, CancellationToken cancellationToken) =>
        WriteAsync(repository, HttpMethod.Patch, $"repos/{Name(repository)}/issues/comments/{id}", new GitHubCommentWrite(body), GitHubJsonContext.Default.GitHubCommentWrite, GitHubJsonContext.Default.GitHubComment, cancellationToken);

    /// <summary>Settings name the App by its id or by its client id.</summary>
    private bool IsOurs(GitHubComment comment) => comment.PerformedViaGithubApp is { } app && options.CurrentValue.AppId?.Trim() is { Length: > 0 } ours
        && (ours == app.Id.ToString(CultureInfo.InvariantCulture) || ours == app.ClientId);

    private async Task<T> GetAsync<T>(GitHubRepositoryRef repository, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await SendAsync(repository, request, cancellationToken);
        return await GitHubAnswers.ReadAsync(response, type, cancellationToken);
    }

    private async Task<TAnswer> WriteAsync<TBody, TAnswer>(
        GitHubRepositoryRef repository, HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
    {
        using var turn = await pace.WaitAsync(repository.InstallationId, cancellationToken);
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body, bodyType) };
        using var response = await SendAsync(repository, request, cancellationToken);
        return await GitHubAnswers.ReadAsync(response, answerType, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(GitHubRepositoryRef repository, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var token = await tokens.ForApiAsync(repository.InstallationId, cancellationToken);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            return await GitHubAnswers.SendAsync(clients.CreateClient(ClientName), request, cancellationToken);
        }
        catch (GitHubException error) when (error.Status == HttpStatusCode.Unauthorized)
        {
            tokens.Forget(repository.InstallationId);
            throw;
        }
    }

    private static string Name(GitHubRepositoryRef repository) => IsFullName(repository.FullName)
        ? repository.FullName
        : throw new GitHubException("the repository's name is not of the form owner/name", HttpStatusCode.NotFound);

    [GeneratedRegex("^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/(?!\\.{1,2}$)[A-Za-z0-9._-]{1,100}$", RegexOptions.CultureInvariant)]
    private static partial Regex FullNamePattern();
}
