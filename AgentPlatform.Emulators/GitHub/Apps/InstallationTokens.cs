using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.State;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.GitHub.Apps;

/// <summary>
/// Access tokens of installations. Since April 2026 GitHub writes them as <c>ghs_&lt;APPID&gt;_&lt;JWT&gt;</c>, about 520 characters long;
/// the older form of 40 is given on request.
/// </summary>
internal sealed class InstallationTokens(IOptions<GitHubOptions> options, TimeProvider time)
{
    public static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int LegacyLength = 36;
    private const int SignatureBytes = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Caller.InstallationToken> _tokens = new(StringComparer.Ordinal);

    /// <summary>Makes a token for one hour.</summary>
    public (string Token, Caller.InstallationToken Grant) Create(
        Installation installation, IReadOnlySet<long>? repositoryIds, IReadOnlyDictionary<string, string> permissions, bool legacy)
    {
        var now = time.GetUtcNow();
        var grant = new Caller.InstallationToken(installation, repositoryIds, permissions, now + Life);
        var token = legacy ? $"ghs_{RandomNumberGenerator.GetString(Letters, LegacyLength)}" : Signed(installation, now, grant.ExpiresAt);
        lock (_gate)
        {
            foreach (var expired in _tokens.Where(pair => pair.Value.ExpiresAt <= now).Select(pair => pair.Key).ToList())
            {
                _tokens.Remove(expired);
            }

            _tokens[Hash(token)] = grant;
        }

        return (token, grant);
    }

    /// <summary>What a token stands for, unless it is unknown, revoked, expired or its installation is suspended.</summary>
    public Caller.InstallationToken? Find(string token)
    {
        lock (_gate)
        {
            return _tokens.TryGetValue(Hash(token), out var grant) && grant.ExpiresAt > time.GetUtcNow() &&
                grant.Installation.SuspendedAt is null ? grant : null;
        }
    }

    public void Revoke(string token)
    {
        lock (_gate)
        {
            _tokens.Remove(Hash(token));
        }
    }

    /// <summary>Ends every token of an installation, as its removal does.</summary>
    public void RevokeAll(Installation installation)
    {
        lock (_gate)
        {
            foreach (var token in _tokens.Where(pair => pair.Value.Installation == installation).Select(pair => pair.Key).ToList())
            {
                _tokens.Remove(token);
            }
        }
    }

    /// <summary>Only GitHub checks the signature, and this one knows its tokens by heart: random bytes of the same length do.</summary>
    private string Signed(Installation installation, DateTimeOffset now, DateTimeOffset expiresAt)
    {
        var claims = new JsonObject
        {
            ["iss"] = "https://github.com",
            ["sub"] = $"installation:{installation.Id}",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = expiresAt.ToUnixTimeSeconds(),
            ["jti"] = Guid.NewGuid().ToString("N"),
        };
        var signature = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SignatureBytes));
        return $"ghs_{options.Value.AppId}_{Encode("""{"alg":"RS256","typ":"JWT"}""")}.{Encode(claims.ToJsonString())}.{signature}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static string Hash(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
