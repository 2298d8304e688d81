using System.Security.Cryptography;

namespace Services.Webhooks.Receiving;

/// <summary>What a signature turned out to be.</summary>
internal enum SignatureResult
{
    /// <summary>Made with one of the live secrets, over exactly these bytes.</summary>
    Valid,

    /// <summary>There is none.</summary>
    Missing,

    /// <summary>Not <c>sha256=</c> and 64 hex digits.</summary>
    Malformed,

    /// <summary>Of the right form, but not made with a live secret over these bytes.</summary>
    Wrong,
}

/// <summary>
/// Checks <c>X-Hub-Signature-256</c>: HMAC-SHA256 over the raw body. Digits are accepted in either case, since a hash is its value and not its spelling.
/// Every live secret is tried and none is preferred, so the time taken says nothing about which one was right, or how nearly.
/// </summary>
internal static class SignatureValidator
{
    private const string Scheme = "sha256=";

    /// <param name="signature">The header's value.</param>
    /// <param name="body">The body as it was sent.</param>
    /// <param name="secrets">The live secrets; with none, nothing is valid.</param>
    public static SignatureResult Validate(string? signature, ReadOnlySpan<byte> body, IReadOnlyList<byte[]> secrets)
    {
        if (string.IsNullOrEmpty(signature))
        {
            return SignatureResult.Missing;
        }

        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (signature.Length != Scheme.Length + 2 * HMACSHA256.HashSizeInBytes
            || !signature.StartsWith(Scheme, StringComparison.Ordinal)
            || Convert.FromHexString(signature.AsSpan(Scheme.Length), given, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return SignatureResult.Malformed;
        }

        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var valid = false;
        foreach (var secret in secrets)
        {
            HMACSHA256.HashData(secret, body, expected);
            valid |= CryptographicOperations.FixedTimeEquals(expected, given);
        }

        return valid ? SignatureResult.Valid : SignatureResult.Wrong;
    }
}
