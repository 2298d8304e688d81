using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.GitHub.Apps;

/// <summary>Checks the token by which an App names itself, in the order and with the words of GitHub.</summary>
internal sealed class AppJwt(AppKeys keys, IOptions<GitHubOptions> options, TimeProvider time)
{
    /// <summary>GitHub refuses a token that is good for longer than this.</summary>
    public static readonly TimeSpan LifeMax = TimeSpan.FromMinutes(10);

    /// <summary>Null when the token is good; else the status and message to refuse it with.</summary>
    public (int Status, string Message)? Refuse(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || Parse(parts[0]) is not { } header || Text(header, "alg") != "RS256" || Parse(parts[1]) is not { } claims ||
            Decode(parts[2]) is not { } signature)
        {
            return (401, "A JSON web token could not be decoded");
        }

        var now = time.GetUtcNow();
        if (Text(claims, "iss") is not { } issuer)
        {
            return (401, "Missing 'issuer' claim ('iss') in assertion");
        }

        if (Seconds(claims, "iat") is not { } issuedAt || issuedAt > now)
        {
            return (401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
        }

        if (Seconds(claims, "exp") is not { } expiresAt || expiresAt <= now)
        {
            return (401, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires");
        }

        if (expiresAt - now > LifeMax)
        {
            return (401, "'Expiration time' claim ('exp') is too far in the future");
        }

        if (issuer != options.Value.AppId.ToString(CultureInfo.InvariantCulture) && issuer != ClientId(options.Value))
        {
            return (404, "Integration not found");
        }

        return keys.Verify(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature) ? null
            : (401, "A JSON web token could not be decoded");
    }

    /// <summary>The App's other name, which GitHub takes as issuer as well.</summary>
    public static string ClientId(GitHubOptions options) => $"Iv23li{options.AppId.ToString("D14", CultureInfo.InvariantCulture)}";

    private static JsonElement? Parse(string part)
    {
        try
        {
            var element = JsonElement.Parse(Decode(part) ?? []);
            return element.ValueKind == JsonValueKind.Object ? element : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[]? Decode(string part) => Base64Url.IsValid(part) ? Base64Url.DecodeFromChars(part) : null;

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) switch
    {
        true when value.ValueKind == JsonValueKind.String => value.GetString(),
        true when value.ValueKind == JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    private static DateTimeOffset? Seconds(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) &&
            seconds is >= 0 and < 253_402_300_799
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
