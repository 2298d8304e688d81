using System.Security.Cryptography;

namespace Services.Webhooks.Receiving;

/// <summary>
/// What tells bodies apart: SHA-256 over the HMAC that GitHub signed the body with. The HMAC has been worked out already when a delivery is verified, so the body is
/// not read a second time; hashed once more, it is of no use to somebody who reads the database and wants to send the body again.
/// </summary>
internal static class BodyHash
{
    private const int SchemeLength = 7;

    /// <summary>The hash of a body whose signature was found valid.</summary>
    /// <param name="signature">The header's value, <c>sha256=</c> and 64 hex digits.</param>
    public static byte[] OfVerified(string signature)
    {
        Span<byte> code = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Convert.FromHexString(signature.AsSpan(SchemeLength), code, out _, out _);
        return SHA256.HashData(code);
    }

    /// <summary>The hash of a body that came without a signature: the same as if GitHub had signed it with this secret.</summary>
    public static byte[] Of(ReadOnlySpan<byte> body, byte[] secret)
    {
        Span<byte> code = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, body, code);
        return SHA256.HashData(code);
    }
}
