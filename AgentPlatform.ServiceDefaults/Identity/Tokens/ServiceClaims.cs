using AgentPlatform.Contracts;

namespace AgentPlatform.ServiceDefaults.Identity.Tokens;

/// <summary>What a service token says.</summary>
/// <param name="Issuer">The service that made it.</param>
/// <param name="Audience">The one service that it is meant for.</param>
/// <param name="Subject">Who calls: <c>service:gateway</c>, or the person for whom Gateway asks.</param>
/// <param name="Role">See <see cref="Roles"/>.</param>
/// <param name="Scopes">What it allows, see <see cref="AgentPlatform.Contracts.Scopes"/>.</param>
/// <param name="Tenant">In which tenant.</param>
/// <param name="NotBefore">From when it holds; also when it was made.</param>
/// <param name="ExpiresAt">Until when it holds.</param>
/// <param name="Id">Names this token in logs.</param>
internal sealed record ServiceClaims(
    string Issuer,
    string Audience,
    string Subject,
    string Role,
    IReadOnlyList<string> Scopes,
    TenantId Tenant,
    DateTimeOffset NotBefore,
    DateTimeOffset ExpiresAt,
    string Id);
