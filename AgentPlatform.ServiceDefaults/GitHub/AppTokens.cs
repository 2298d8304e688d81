using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace AgentPlatform.ServiceDefaults.GitHub;

/// <summary>The App's own tokens towards GitHub: RS256, dated a minute back against clock drift and valid for nine more (GitHub allows ten).</summary>
public sealed class AppTokens(IOptionsMonitor<GitHubOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(9);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private (string Token, DateTimeOffset Until, string? AppId, string? Key) _current;

    /// <summary>A token that is good for two minutes at least.</summary>
    /// <exception cref="InvalidOperationException">The key cannot be read or is no RSA key; the text does not hold it.</exception>
    public string Current()
    {
        var github = options.CurrentValue;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (_current.Until - now < RenewBefore || _current.AppId != github.AppId || _current.Key != github.PrivateKey)
            {
                _current = (Sign(github, now), now + Life, github.AppId, github.PrivateKey);
            }

            return _current.Token;
        }
    }

    private static string Sign(GitHubOptions github, DateTimeOffset now)
    {
        using var key = ReadKey(github);
        var claims = new JsonObject
        {
            ["iat"] = now.AddMinutes(-1).ToUnixTimeSeconds(),
            ["exp"] = (now + Life).ToUnixTimeSeconds(),
            ["iss"] = github.AppId,
        };
        var unsigned = string.Create(
            CultureInfo.InvariantCulture, $"{Base64Url.EncodeToString("""{"alg":"RS256","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}");
        return $"{unsigned}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(unsigned), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static RSA ReadKey(GitHubOptions github)
    {
        var key = RSA.Create();
        try
        {
            key.ImportFromPem(string.IsNullOrWhiteSpace(github.PrivateKey) ? File.ReadAllText(github.PrivateKeyPath ?? "") : github.PrivateKey);
            return key;
        }
        catch (Exception exception)
        {
            key.Dispose();

            // Whatever went wrong, its text might hold a piece of the key.
            throw new InvalidOperationException($"{GitHubOptions.Section}:PrivateKey or PrivateKeyPath is not an RSA key in PEM form ({exception.GetType().Name}).");
        }
    }
}
