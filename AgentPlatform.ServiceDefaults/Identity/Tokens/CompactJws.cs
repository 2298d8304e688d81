using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace AgentPlatform.ServiceDefaults.Identity.Tokens;

/// <summary>
/// A JWS in compact form (RFC 7515), read strictly and for ES256 (RFC 7518, section 3.4) only: the header's word on the algorithm is checked,
/// never followed. No other algorithm has code here, so none can be talked into use.
/// </summary>
internal sealed class CompactJws
{
    /// <summary>Longer tokens are refused unread.</summary>
    public const int LengthMax = 4096;

    private const string Algorithm = "ES256";
    private const int SignatureSize = 64;

    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    private readonly byte[] _signedBytes;
    private readonly byte[] _signature;

    private CompactJws(string? keyId, byte[] payload, byte[] signedBytes, byte[] signature)
    {
        (KeyId, Payload, _signedBytes, _signature) = (keyId, payload, signedBytes, signature);
    }

    /// <summary>The header's <c>kid</c>: a hint which of the issuer's keys to try.</summary>
    public string? KeyId { get; }

    /// <summary>What was signed, decoded; not to be believed before <see cref="IsSignedBy"/> said so.</summary>
    public byte[] Payload { get; }

    /// <summary>Takes the token apart.</summary>
    public static TokenRefusal Read(string token, out CompactJws? jws)
    {
        jws = null;
        if (token.Length is 0 or > LengthMax || token.Count('.') != 2)
        {
            return TokenRefusal.Malformed;
        }

        var parts = token.Split('.');
        if (!TryDecode(parts[0], out var header) || !TryDecode(parts[1], out var payload) || !TryDecode(parts[2], out var signature))
        {
            return TokenRefusal.Malformed;
        }

        var refusal = ReadHeader(header, out var keyId);
        if (refusal == TokenRefusal.None)
        {
            jws = new CompactJws(keyId, payload, Encoding.ASCII.GetBytes(token[..token.LastIndexOf('.')]), signature);
        }

        return refusal;
    }

    /// <summary>Signs the payload.</summary>
    public static string Write(ReadOnlySpan<byte> payload, SigningKey key)
    {
        var header = Encoding.UTF8.GetBytes($$"""{"alg":"{{Algorithm}}","typ":"JWT","kid":"{{key.Id}}"}""");
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(payload)}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Whether the key's owner signed exactly these bytes.</summary>
    public bool IsSignedBy(VerificationKey key) => _signature.Length == SignatureSize && key.Verify(_signedBytes, _signature);

    private static TokenRefusal ReadHeader(byte[] json, out string? keyId)
    {
        keyId = null;
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            var header = document.RootElement;
            if (header.ValueKind != JsonValueKind.Object)
            {
                return TokenRefusal.Malformed;
            }

            if (!header.TryGetProperty("alg", out var algorithm) || algorithm.ValueKind != JsonValueKind.String || !algorithm.ValueEquals(Algorithm))
            {
                return TokenRefusal.WrongAlgorithm;
            }

            // An extension that must be understood is one that is not.
            if (header.TryGetProperty("crit", out _))
            {
                return TokenRefusal.Malformed;
            }

            keyId = header.TryGetProperty("kid", out var kid) && kid.ValueKind == JsonValueKind.String ? kid.GetString() : null;
            return TokenRefusal.None;
        }
        catch (JsonException)
        {
            return TokenRefusal.Malformed;
        }
    }

    /// <summary>Base64url without padding and white space, and in its one canonical form, so that a token has no second spelling.</summary>
    private static bool TryDecode(string part, out byte[] bytes)
    {
        bytes = [];
        if (part.Length == 0 || part.AsSpan().ContainsAnyExcept(Alphabet))
        {
            return false;
        }

        try
        {
            bytes = Base64Url.DecodeFromChars(part);
            return Base64Url.EncodeToString(bytes) == part;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
