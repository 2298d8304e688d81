using AgentPlatform.Contracts;

namespace AgentPlatform.ServiceDefaults.Identity.Tokens;

/// <summary>Finds an issuer's key.</summary>
internal interface IIssuerKeys
{
    /// <summary>Whether tokens of this issuer may be accepted at all.</summary>
    bool Knows(string issuer);

    /// <summary>The issuer's key of that id; null if it has none, or if its keys cannot be had now.</summary>
    ValueTask<VerificationKey?> FindAsync(string issuer, string keyId, CancellationToken cancellationToken);
}

/// <summary>Decides whether a token is accepted by one service.</summary>
internal sealed class ServiceTokenVerifier(string audience, IIssuerKeys keys, TimeProvider time)
{
    /// <summary>By how much two machines' clocks may differ.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LifeMax = TimeSpan.FromMinutes(10);

    public async ValueTask<(ServiceClaims? Claims, TokenRefusal Refusal)> VerifyAsync(string token, CancellationToken cancellationToken)
    {
        var refusal = CompactJws.Read(token, out var jws);
        if (jws is null)
        {
            return (null, refusal);
        }

        if (jws.KeyId is not { Length: > 0 } keyId || ClaimsJson.Read(jws.Payload) is not { } claims)
        {
            return (null, TokenRefusal.Malformed);
        }

        // Only the issuer's name and the key's id are used before the signature is known to be good, and both only to find the key.
        if (!keys.Knows(claims.Issuer))
        {
            return (null, TokenRefusal.UnknownIssuer);
        }

        if (await keys.FindAsync(claims.Issuer, keyId, cancellationToken) is not { } key)
        {
            return (null, TokenRefusal.UnknownKey);
        }

        refusal = jws.IsSignedBy(key) ? Check(claims, audience, time.GetUtcNow()) : TokenRefusal.WrongSignature;
        return refusal == TokenRefusal.None ? (claims, refusal) : (null, refusal);
    }

    /// <summary>What must hold of claims whose signature is good.</summary>
    internal static TokenRefusal Check(ServiceClaims claims, string audience, DateTimeOffset now)
    {
        if (claims.Audience != audience)
        {
            return TokenRefusal.WrongAudience;
        }

        if (now >= claims.ExpiresAt + Skew)
        {
            return TokenRefusal.Expired;
        }

        if (now < claims.NotBefore - Skew)
        {
            return TokenRefusal.NotYetValid;
        }

        if (claims.ExpiresAt - claims.NotBefore > LifeMax)
        {
            return TokenRefusal.TooLongLived;
        }

        // Gateway alone knows people. Anybody else's token speaks for the service itself.
        var speaksForItself = claims.Subject == $"service:{claims.Issuer}" && claims.Role == Roles.Service;
        return speaksForItself || claims.Issuer == ServiceNames.Gateway ? TokenRefusal.None : TokenRefusal.SubjectNotAllowed;
    }
}
