using System.Collections.Concurrent;
using System.Net.Http.Headers;
using AgentPlatform.ServiceDefaults.GitHub;

namespace Services.Scheduler.GitHub;

/// <summary>
/// The App's identity towards GitHub. Tokens for API calls are kept in memory until shortly before they end; a token for a fetch
/// is minted for that fetch, narrowed to one repository and to reading, and kept nowhere.
/// </summary>
internal sealed class GitHubTokens(IHttpClientFactory clients, AppTokens app, TimeProvider time) : IDisposable
{
    /// <summary>The named client without the installation's credentials.</summary>
    public const string ClientName = "github-app";

    private static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(5);
    private static readonly Dictionary<string, string> ApiPermissions = new()
    {
        ["checks"] = "write",
        ["pull_requests"] = "write",
        ["issues"] = "write",
        ["contents"] = "read",
        ["metadata"] = "read",
    };

    private static readonly Dictionary<string, string> FetchPermissions = new() { ["contents"] = "read", ["metadata"] = "read" };

    private readonly ConcurrentDictionary<long, GitHubToken> _apiTokens = new();
    private readonly SemaphoreSlim _minting = new(1, 1);

    /// <summary>A token for API calls on everything the installation covers.</summary>
    public async Task<string> ForApiAsync(long installationId, CancellationToken cancellationToken)
    {
        if (Fresh(installationId) is { } known)
        {
            return known;
        }

        await _minting.WaitAsync(cancellationToken);
        try
        {
            if (Fresh(installationId) is { } raced)
            {
                return raced;
            }

            var minted = await MintAsync(installationId, new GitHubTokenRequest(null, ApiPermissions), cancellationToken);
            _apiTokens[installationId] = minted;
            return minted.Token;
        }
        finally
        {
            _minting.Release();
        }
    }

    /// <summary>A token that reads one repository, for one fetch.</summary>
    public async Task<string> ForFetchAsync(long installationId, long repositoryId, CancellationToken cancellationToken) =>
        (await MintAsync(installationId, new GitHubTokenRequest([repositoryId], FetchPermissions), cancellationToken)).Token;

    /// <summary>The installation that covers a repository, asked by the App itself.</summary>
    /// <param name="fullName"><c>owner/name</c>, checked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<long> FindInstallationAsync(string fullName, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"repos/{fullName}/installation");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Current());
        using var response = await GitHubAnswers.SendAsync(clients.CreateClient(ClientName), request, cancellationToken);
        return (await GitHubAnswers.ReadAsync(response, GitHubJsonContext.Default.GitHubInstallation, cancellationToken)).Id;
    }

    /// <summary>Forgets a token that GitHub refused; the next call mints another.</summary>
    public void Forget(long installationId) => _apiTokens.TryRemove(installationId, out _);

    public void Dispose() => _minting.Dispose();

    private string? Fresh(long installationId) =>
        _apiTokens.TryGetValue(installationId, out var token) && token.ExpiresAt - time.GetUtcNow() > RenewBefore ? token.Token : null;

    private async Task<GitHubToken> MintAsync(long installationId, GitHubTokenRequest body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"app/installations/{installationId}/access_tokens");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Current());
        request.Content = JsonContent.Create(body, GitHubJsonContext.Default.GitHubTokenRequest);
        try
        {
            using var response = await GitHubAnswers.SendAsync(clients.CreateClient(ClientName), request, cancellationToken);
            return await GitHubAnswers.ReadAsync(response, GitHubJsonContext.Default.GitHubToken, cancellationToken);
        }
        catch (GitHubException error) when (error.IsGone)
        {
            throw new GitHubException($"the App has no installation {installationId}", error.Status) { IsInstallationGone = true };
        }
    }
}
