using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Services.Gateway.People;

/// <summary>
/// Until people can sign in, the one caller that the public API knows is whoever sits at the machine of a Development run. The connection must
/// come from loopback, be meant for it by its Host header (a name that was rebound to 127.0.0.1 is not), and come from no other site's page.
/// Everywhere else nobody is let in.
/// </summary>
internal sealed partial class LocalDeveloper(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, IHostEnvironment environment)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "LocalDeveloper";

    /// <summary>The policy of everything that people use.</summary>
    public const string Policy = "people";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
        environment.IsDevelopment() && IsLocal(Context)
            ? AuthenticateResult.Success(new AuthenticationTicket(Developer(), SchemeName))
            : AuthenticateResult.NoResult());

    internal static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } caller && IPAddress.IsLoopback(caller)
        && IsLoopbackName(context.Request.Host.Host)
        && (context.Request.Headers.Origin is not [{ Length: > 0 } origin]
            || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && IsLoopbackName(page.Host)));

    private static bool IsLoopbackName(string host) => string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static ClaimsPrincipal Developer() => new(new ClaimsIdentity(
        [
            new Claim(ServiceClaimTypes.Subject, "person:local-developer"),
            new Claim(ServiceClaimTypes.Role, Roles.Admin),
            new Claim(ServiceClaimTypes.Tenant, Ownership.DefaultTenant.ToString()),
        ],
        SchemeName,
        ServiceClaimTypes.Subject,
        ServiceClaimTypes.Role));
}

internal static class LocalDeveloperExtensions
{
    public static AuthenticationBuilder AddLocalDeveloper(this AuthenticationBuilder authentication)
    {
        authentication.Services.AddAuthorizationBuilder().AddPolicy(LocalDeveloper.Policy, policy => policy
            .AddAuthenticationSchemes(LocalDeveloper.SchemeName)
            .RequireAuthenticatedUser());
        authentication.Services.AddHostedService<LocalDeveloperNotice>();
        return authentication.AddScheme<AuthenticationSchemeOptions, LocalDeveloper>(LocalDeveloper.SchemeName, null);
    }
}

/// <summary>Says at start who is let in.</summary>
internal sealed partial class LocalDeveloperNotice(IHostEnvironment environment, ILogger<LocalDeveloperNotice> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (environment.IsDevelopment())
        {
            Log.LoopbackOnly(logger);
        }
        else
        {
            Log.NobodyLetIn(logger);
        }

        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(5101, LogLevel.Information, "There is no sign-in yet: the public API serves callers on this machine only")]
        public static partial void LoopbackOnly(ILogger logger);

        [LoggerMessage(5102, LogLevel.Warning, "There is no sign-in yet: outside Development the public API lets nobody in")]
        public static partial void NobodyLetIn(ILogger logger);
    }
}
