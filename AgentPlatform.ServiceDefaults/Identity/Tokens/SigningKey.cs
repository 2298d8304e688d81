using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace AgentPlatform.ServiceDefaults.Identity.Tokens;

/// <summary>A service's private P-256 key. It is derived from the service's secret, so that all its replicas sign with the same one.</summary>
internal sealed class SigningKey : IDisposable
{
    // The order of the curve's base point (FIPS 186-5, P-256).
    private static readonly BigInteger Order = BigInteger.Parse(
        "00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);

    private readonly ECDsa _key;
    private readonly Lock _lock = new(); // ECDsa promises nothing about use by several threads at once.

    private SigningKey(ECDsa key)
    {
        _key = key;
        Public = new VerificationKey(key.ExportParameters(includePrivateParameters: false).Q);
    }

    /// <summary>What others verify with.</summary>
    public VerificationKey Public { get; }

    /// <summary>The <c>kid</c>.</summary>
    public string Id => Public.Id;

    /// <summary>
    /// Derives the key: HKDF-SHA256 (RFC 5869) gives 48 bytes, 16 more than the key has, and their remainder is the private number
    /// (FIPS 186-5, A.2.1), which leaves no bias worth naming.
    /// </summary>
    /// <param name="secret">The service's secret.</param>
    /// <param name="service">The service's name: the same secret given to two services makes two keys.</param>
    public static SigningKey Derive(string secret, string service)
    {
        Span<byte> seed = stackalloc byte[48];
        Span<byte> scalar = stackalloc byte[VerificationKey.CoordinateSize];
        try
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), seed, "agentplatform"u8, Encoding.UTF8.GetBytes($"service-identity/es256/v1/{service}"));
            var number = (new BigInteger(seed, isUnsigned: true, isBigEndian: true) % (Order - BigInteger.One)) + BigInteger.One;
            scalar.Clear();
            var size = number.GetByteCount(isUnsigned: true);
            number.TryWriteBytes(scalar[^size..], out _, isUnsigned: true, isBigEndian: true);
            return new SigningKey(ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar.ToArray() }));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    /// <summary>An ES256 signature: r and s, 32 bytes each.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            return _key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    public void Dispose()
    {
        _key.Dispose();
        Public.Dispose();
    }
}
