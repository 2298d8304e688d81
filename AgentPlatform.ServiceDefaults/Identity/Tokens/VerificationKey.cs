using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace AgentPlatform.ServiceDefaults.Identity.Tokens;

/// <summary>The public half of a P-256 key, named by its RFC 7638 thumbprint.</summary>
internal sealed class VerificationKey : IDisposable
{
    public const int CoordinateSize = 32;

    private readonly ECDsa _key;
    private readonly ECPoint _point;
    private readonly Lock _lock = new(); // ECDsa promises nothing about use by several threads at once.

    public VerificationKey(ECPoint point)
    {
        _key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
        _point = point;
        var (x, y) = (Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        Id = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""")));
    }

    /// <summary>The <c>kid</c>.</summary>
    public string Id { get; }

    /// <summary>As others fetch it (RFC 7517).</summary>
    public JsonWebKey ToJsonWebKey() => new("EC", "P-256", Base64Url.EncodeToString(_point.X), Base64Url.EncodeToString(_point.Y), Id, "ES256", "sig");

    /// <summary>Reads a key that another service published.</summary>
    /// <returns>Null for a key of another kind, or one that is not on the curve.</returns>
    public static VerificationKey? Of(JsonWebKey key)
    {
        if (key is not { KeyType: "EC", Curve: "P-256", X: { } x, Y: { } y }
            || (key.Algorithm ?? "ES256") != "ES256" || (key.Use ?? "sig") != "sig"
            || !Base64Url.IsValid(x, out var xSize) || !Base64Url.IsValid(y, out var ySize) || xSize != CoordinateSize || ySize != CoordinateSize)
        {
            return null;
        }

        try
        {
            return new VerificationKey(new ECPoint { X = Base64Url.DecodeFromChars(x), Y = Base64Url.DecodeFromChars(y) });
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Checks an ES256 signature: r and s, 32 bytes each.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        lock (_lock)
        {
            return _key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    public void Dispose() => _key.Dispose();
}

/// <summary>A public key as JSON (RFC 7517, RFC 7518 section 6.2).</summary>
internal sealed record JsonWebKey(
    [property: JsonPropertyName("kty")] string? KeyType,
    [property: JsonPropertyName("crv")] string? Curve,
    [property: JsonPropertyName("x")] string? X,
    [property: JsonPropertyName("y")] string? Y,
    [property: JsonPropertyName("kid")] string? Id,
    [property: JsonPropertyName("alg")] string? Algorithm,
    [property: JsonPropertyName("use")] string? Use);

/// <summary>A set of public keys as JSON.</summary>
internal sealed record JsonWebKeySet([property: JsonPropertyName("keys")] IReadOnlyList<JsonWebKey>? Keys);

[JsonSerializable(typeof(JsonWebKeySet))]
internal sealed partial class KeysJsonContext : JsonSerializerContext;
