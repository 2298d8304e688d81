using System.Security.Claims;
using System.Text.Encodings.Web;
using AgentPlatform.ServiceDefaults.Identity.Tokens;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentPlatform.ServiceDefaults.Identity;

/// <summary>Accepts a service token as the caller's identity.</summary>
internal sealed partial class ServiceAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ServiceTokenVerifier verifier)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    private const string Prefix = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }

        var (claims, refusal) = await verifier.VerifyAsync(header[Prefix.Length..].Trim(), Context.RequestAborted);
        if (claims is null)
        {
            Log.TokenRefused(Logger, refusal);
            return AuthenticateResult.Fail("The token is not accepted.");
        }

        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(Identity(claims)), Scheme.Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "Bearer";
        return Task.CompletedTask;
    }

    private ClaimsIdentity Identity(ServiceClaims claims) => new(
        [
            new Claim(ServiceClaimTypes.Issuer, claims.Issuer),
            new Claim(ServiceClaimTypes.Subject, claims.Subject),
            new Claim(ServiceClaimTypes.Role, claims.Role),
            new Claim(ServiceClaimTypes.Tenant, claims.Tenant.ToString()),
            .. claims.Scopes.Select(scope => new Claim(ServiceClaimTypes.Scope, scope)),
        ],
        Scheme.Name,
        ServiceClaimTypes.Subject,
        ServiceClaimTypes.Role);

    private static partial class Log
    {
        [LoggerMessage(6202, LogLevel.Warning, "A service token was refused: {Refusal}")]
        public static partial void TokenRefused(ILogger logger, TokenRefusal refusal);
    }
}

/// <summary>The names of the claims that an accepted service token gives the caller's principal.</summary>
public static class ServiceClaimTypes
{
    /// <summary>The service that made the token.</summary>
    public const string Issuer = "iss";

    /// <summary>Who calls.</summary>
    public const string Subject = "sub";

    /// <summary>See <see cref="AgentPlatform.Contracts.Roles"/>.</summary>
    public const string Role = "role";

    /// <summary>One claim for each scope, see <see cref="AgentPlatform.Contracts.Scopes"/>.</summary>
    public const string Scope = "scope";

    /// <summary>The tenant, in the text form of its id.</summary>
    public const string Tenant = "tenant";
}
