using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.GitHub.Apps;

/// <summary>The public keys of the App. GitHub keeps no private key either: it shows one once, when it makes it.</summary>
internal sealed class AppKeys : IDisposable
{
    private const int KeyBits = 2048;
    private readonly Lock _gate = new();
    private readonly List<RSA> _keys = [];

    public AppKeys(IOptions<GitHubOptions> options)
    {
        if (options.Value.AppPublicKey is { Length: > 0 } pem)
        {
            _keys.Add(PublicPart(pem));
        }
    }

    /// <summary>Makes a further key and returns its private part as PEM.</summary>
    public string Generate()
    {
        using var key = RSA.Create(KeyBits);
        lock (_gate)
        {
            _keys.Add(RSA.Create(key.ExportParameters(includePrivateParameters: false)));
        }

        return key.ExportRSAPrivateKeyPem();
    }

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        lock (_gate)
        {
            foreach (var key in _keys)
            {
                if (key.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
                {
                    return true;
                }
            }

            return false;
        }
    }

    public void Dispose() => _keys.ForEach(key => key.Dispose());

    /// <summary>Whether the text is a key that the App can be checked with.</summary>
    public static bool IsKey(string pem)
    {
        try
        {
            using var key = PublicPart(pem);
            return true;
        }
        catch (Exception refused) when (refused is ArgumentException or CryptographicException)
        {
            return false;
        }
    }

    private static RSA PublicPart(string pem)
    {
        using var given = RSA.Create();
        // An environment variable may carry the line breaks as two characters.
        given.ImportFromPem(pem.Replace("\\n", "\n", StringComparison.Ordinal));
        return RSA.Create(given.ExportParameters(includePrivateParameters: false));
    }
}
