using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Services.Scheduler.GitHub;

/// <summary>
/// The App's identity towards GitHub. Tokens for API calls are kept in memory until shortly before they end; a token for a fetch
/// is minted for that fetch, narrowed to one repository and to reading, and kept nowhere.
/// </summary>
internal sealed class GitHubTokens(IHttpClientFactory clients, IOptionsMonitor<GitHubOptions> options, TimeProvider time) : IDisposable
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
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AppJwt(options.CurrentValue, time.GetUtcNow()));
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
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AppJwt(options.CurrentValue, time.GetUtcNow()));
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

    /// <summary>The App's own token: RS256, valid nine minutes, dated a minute back against clock drift (GitHub allows ten minutes).</summary>
    internal static string AppJwt(GitHubOptions options, DateTimeOffset now)
    {
        var pem = options.PrivateKey ?? (options.PrivateKeyPath is { } path ? File.ReadAllText(path) : null)
            ?? throw new GitHubException("GitHub:AppId is set, but neither GitHub:PrivateKey nor GitHub:PrivateKeyPath.", null);
        using var key = RSA.Create();
        key.ImportFromPem(pem);
        var issued = now.AddMinutes(-1).ToUnixTimeSeconds();
        var payload = JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, object> { ["iat"] = issued, ["exp"] = now.AddMinutes(9).ToUnixTimeSeconds(), ["iss"] = options.AppId! });
        var unsigned = $"{Base64Url.EncodeToString("""{"alg":"RS256","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString(payload)}";
        var signature = key.SignData(System.Text.Encoding.ASCII.GetBytes(unsigned), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{unsigned}.{Base64Url.EncodeToString(signature)}";
    }
}
