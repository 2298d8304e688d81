using AgentPlatform.Emulators.Control;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Apps;
using AgentPlatform.Emulators.GitHub.Hooks;
using AgentPlatform.Emulators.GitHub.RateLimits;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Control;

/// <summary>The App's keys and installations, limits, and faults.</summary>
internal static class AppControl
{
    public static RouteGroupBuilder MapAppControl(this RouteGroupBuilder control)
    {
        control.MapGet("app", (GitHubState state, Urls urls) => new
        {
            urls.Options.AppId,
            urls.Options.AppSlug,
            ApiUrl = urls.Api,
            GitUrl = urls.Html,
            Installations = state.Installations.Select(installation =>
                new { installation.Id, Account = installation.Account.Login, Suspended = installation.SuspendedAt is not null }).ToList(),
        });
        control.MapPost("app/keys", (AppKeys keys) => new { PrivateKey = keys.Generate() });
        control.MapPost("installations", Install);
        control.MapPost("installations/{id:long}/{verb:regex(^(suspend|unsuspend)$)}", Suspend);
        control.MapDelete("installations/{id:long}", Uninstall);
        control.MapPut("limits", (RateLimitOptions limits, RateLimiter limiter) =>
        {
            limiter.Limits = limits;
            limiter.Clear();
            return TypedResults.NoContent();
        });
        control.MapGet("faults", (Faults faults) => faults.List());
        control.MapPost("faults", (FaultRule rule, Faults faults) =>
            faults.Add(rule) ? TypedResults.Accepted((string?)null)
                : ControlGroup.Problem("too_many_faults", "Too many faults are waiting; delete them first.",
                StatusCodes.Status409Conflict));
        control.MapDelete("faults", (Faults faults) =>
        {
            faults.Clear();
            return TypedResults.NoContent();
        });
        return control;
    }

    private static IResult Install(NewInstallation wanted, GitHubState state, Webhooks webhooks)
    {
        var account = state.Account(wanted.Account, wanted.Organization ? AccountType.Organization : AccountType.User);
        lock (state.Gate)
        {
            var ids = wanted.Repositories?.Select(name =>
                state.FindRepository(account.Login, name)?.Id
                ?? throw new FormatException($"There is no repository {account.Login}/{name}")).ToList();
            var installation = state.AddInstallation(account, ids);
            webhooks.Installation("created", installation);
            return TypedResults.Created((string?)null, new { installation.Id });
        }
    }

    private static IResult Suspend(long id, string verb, GitHubState state, Webhooks webhooks, TimeProvider time)
    {
        lock (state.Gate)
        {
            if (state.FindInstallation(id) is not { } installation)
            {
                return ControlGroup.NotFound($"installation {id}");
            }

            installation.SuspendedAt = verb == "suspend" ? time.GetUtcNow() : null;
            webhooks.Installation(verb, installation);
            return TypedResults.NoContent();
        }
    }

    private static IResult Uninstall(long id, GitHubState state, InstallationTokens tokens, Webhooks webhooks)
    {
        lock (state.Gate)
        {
            if (state.FindInstallation(id) is not { } installation)
            {
                return ControlGroup.NotFound($"installation {id}");
            }

            webhooks.Installation("deleted", installation);
            state.Installations.Remove(installation);
            tokens.RevokeAll(installation);
            return TypedResults.NoContent();
        }
    }
}
