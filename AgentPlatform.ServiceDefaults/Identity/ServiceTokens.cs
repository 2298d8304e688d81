using System.Collections.Concurrent;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity.Tokens;

namespace AgentPlatform.ServiceDefaults.Identity;

/// <summary>Makes tokens by which this service shows other services who calls. They live five minutes; nothing can recall one.</summary>
public sealed class ServiceTokens
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(1);

    private readonly ServiceInfo _service;
    private readonly Lazy<ServiceKeys> _keys;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, (string Token, DateTimeOffset RenewAt)> _own = new(StringComparer.Ordinal);

    internal ServiceTokens(ServiceInfo service, Func<ServiceKeys> keys, TimeProvider time)
    {
        (_service, _keys, _time) = (service, new Lazy<ServiceKeys>(keys), time);
    }

    /// <summary>A token by which the service acts for itself. It is kept and renewed a minute before it expires.</summary>
    /// <param name="audience">The service that is called.</param>
    /// <param name="scopes">What the call needs. Few combinations are in use; each is kept.</param>
    public string ForItself(string audience, IReadOnlyList<string> scopes)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(audience);
        ArgumentNullException.ThrowIfNull(scopes);
        var key = $"{audience} {string.Join(' ', scopes)}";
        var now = _time.GetUtcNow();
        if (_own.TryGetValue(key, out var kept) && now < kept.RenewAt)
        {
            return kept.Token;
        }

        var token = Mint(audience, $"service:{_service.Name}", Roles.Service, scopes, Ownership.DefaultTenant);
        _own[key] = (token, now + Life - RenewBefore);
        return token;
    }

    /// <summary>A token by which the service acts for a person. Only Gateway's are believed.</summary>
    /// <param name="audience">The service that is called.</param>
    /// <param name="subject">The person.</param>
    /// <param name="role">What the person is, see <see cref="Roles"/>.</param>
    /// <param name="scopes">What the person may do.</param>
    /// <param name="tenant">In which tenant.</param>
    public string ForPerson(string audience, string subject, string role, IReadOnlyList<string> scopes, TenantId tenant)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(audience);
        ArgumentException.ThrowIfNullOrWhiteSpace(subject);
        ArgumentException.ThrowIfNullOrWhiteSpace(role);
        ArgumentNullException.ThrowIfNull(scopes);
        return Mint(audience, subject, role, scopes, tenant);
    }

    private string Mint(string audience, string subject, string role, IReadOnlyList<string> scopes, TenantId tenant)
    {
        var now = _time.GetUtcNow();
        var claims = new ServiceClaims(_service.Name, audience, subject, role, scopes, tenant, now, now + Life, Guid.CreateVersion7(now).ToString("N"));
        return CompactJws.Write(ClaimsJson.Write(claims), _keys.Value.Current);
    }
}
