using System.Security.Claims;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity;

namespace Services.Scheduler.Api;

/// <summary>For whom a request is made.</summary>
internal static class Caller
{
    public static TenantId Tenant(this ClaimsPrincipal user) =>
        TenantId.TryParse(user.FindFirstValue(ServiceClaimTypes.Tenant), null, out var tenant) ? tenant : default;

    public static string Subject(this ClaimsPrincipal user) => user.FindFirstValue(ServiceClaimTypes.Subject) ?? "unknown";

    public static Ownership Ownership(this ClaimsPrincipal user) => new(user.Tenant(), null, user.Subject());
}
