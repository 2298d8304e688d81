using System.Text;

namespace AgentPlatform.Emulators.GitHub.Apps;

/// <summary>Tells from the <c>Authorization</c> header who calls.</summary>
internal sealed class Authenticator(AppJwt jwt, InstallationTokens tokens)
{
    /// <summary>The caller, or the status and message to refuse with.</summary>
    public (Caller? Caller, (int Status, string Message)? Refusal) Identify(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            return (new Caller.Anonymous(context.Connection.RemoteIpAddress?.ToString() ?? "unknown"), null);
        }

        if (Credential(header) is not { Length: > 0 } credential)
        {
            return (null, (401, "Bad credentials"));
        }

        if (tokens.Find(credential) is { } grant)
        {
            return (grant, null);
        }

        var looksSigned = !credential.StartsWith("gh", StringComparison.Ordinal) && credential.Count(c => c == '.') == 2;
        if (!looksSigned)
        {
            return (null, (401, "Bad credentials"));
        }

        return jwt.Refuse(credential) is { } refusal ? (null, refusal) : (new Caller.App(), null);
    }

    /// <summary>
    /// The secret part of the header: a bearer token, GitHub's older <c>token</c> form, or the password of basic authentication.
    /// </summary>
    public static string? Credential(string header)
    {
        var space = header.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0)
        {
            return null;
        }

        var (scheme, value) = (header[..space], header[(space + 1)..].Trim());
        return scheme.ToUpperInvariant() switch
        {
            "BEARER" or "TOKEN" => value,
            "BASIC" => Password(value),
            _ => null,
        };
    }

    private static string? Password(string value)
    {
        var decoded = new byte[value.Length];
        if (!Convert.TryFromBase64String(value, decoded, out var length))
        {
            return null;
        }

        var pair = Encoding.UTF8.GetString(decoded, 0, length).Split(':', 2);
        return pair.Length == 2 ? pair[1] : null;
    }
}
