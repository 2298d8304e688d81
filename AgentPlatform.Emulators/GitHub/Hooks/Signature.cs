using System.Security.Cryptography;
using System.Text;

namespace AgentPlatform.Emulators.GitHub.Hooks;

/// <summary>GitHub's signatures: an HMAC over the raw body and nothing else, so the event's name and the GUID are unsigned.</summary>
internal static class Signature
{
    public static string Sha256(string secret, ReadOnlySpan<byte> body) =>
        $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))}";

    /// <summary>The older header, which GitHub still sends.</summary>
    public static string Sha1(string secret, ReadOnlySpan<byte> body)
    {
#pragma warning disable CA5350 // GitHub's own legacy header is a SHA-1 HMAC; nothing here trusts it.
        return $"sha1={Convert.ToHexStringLower(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), body))}";
#pragma warning restore CA5350
    }
}
