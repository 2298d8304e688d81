using System.Collections.Frozen;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity.Tokens;
using Microsoft.Extensions.Options;

namespace AgentPlatform.ServiceDefaults.Identity;

/// <summary>The keys of those whom this service believes: the platform's services by discovery, and whoever is pinned by configuration.</summary>
internal sealed class IssuerKeys : IIssuerKeys, IDisposable
{
    private readonly FrozenDictionary<string, IReadOnlyDictionary<string, VerificationKey>> _pinned;
    private readonly FrozenDictionary<string, FetchedKeys> _fetched;

    public IssuerKeys(IOptions<ServiceIdentityOptions> options, Func<string, FetchedKeys> fetch)
    {
        _pinned = options.Value.TrustedKeys.ToFrozenDictionary(
            pair => pair.Key, pair => KeySet.Parse(pair.Value) ?? throw new InvalidOperationException("Trusted keys are validated at start."));
        _fetched = ServiceNames.All.Where(service => !_pinned.ContainsKey(service)).ToFrozenDictionary(service => service, fetch);
    }

    public bool Knows(string issuer) => _pinned.ContainsKey(issuer) || _fetched.ContainsKey(issuer);

    public ValueTask<VerificationKey?> FindAsync(string issuer, string keyId, CancellationToken cancellationToken)
    {
        if (_pinned.TryGetValue(issuer, out var keys))
        {
            return ValueTask.FromResult(keys.GetValueOrDefault(keyId));
        }

        return _fetched.TryGetValue(issuer, out var fetched) ? fetched.FindAsync(keyId, cancellationToken) : ValueTask.FromResult<VerificationKey?>(null);
    }

    public void Dispose()
    {
        foreach (var keys in _fetched.Values)
        {
            keys.Dispose();
        }
    }
}
