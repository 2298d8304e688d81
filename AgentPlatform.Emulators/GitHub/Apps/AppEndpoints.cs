using System.Text.Json;
using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.RateLimits;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Apps;

/// <summary>The App, its installations and their tokens.</summary>
internal static class AppEndpoints
{
    /// <summary>A token may be narrowed to no more repositories than this.</summary>
    private const int RepositoriesMax = 500;

    public static RouteGroupBuilder MapApps(this RouteGroupBuilder api)
    {
        api.MapGet("app", (Urls urls) => Answer.Ok(urls.App())).ForApp();
        api.MapGet("app/installations", ListInstallations).ForApp();
        api.MapGet("app/installations/{id:long}", GetInstallation).ForApp();
        api.MapPost("app/installations/{id:long}/access_tokens", CreateToken).ForApp();
        api.MapGet("installation/repositories", ListRepositories).ForInstallation();
        api.MapDelete("installation/token", RevokeToken).ForInstallation();
        api.MapGet("rate_limit", GetRateLimit).WithMetadata(new Uncounted());
        return api;
    }

    /// <summary>The installation that reaches a repository: the one endpoint below a repository that the App itself calls.</summary>
    public static RouteGroupBuilder MapRepositoryInstallation(this RouteGroupBuilder api)
    {
        api.MapGet("repos/{account}/{name}/installation", GetRepositoryInstallation).ForApp();
        return api;
    }

    private static Answer ListInstallations(GitHubCall call, GitHubState state, Urls urls)
    {
        lock (state.Gate)
        {
            return call.Page(state.Installations, urls.Installation, urls);
        }
    }

    private static Answer GetInstallation(long id, GitHubState state, Urls urls) =>
        state.FindInstallation(id) is { } installation ? Answer.Ok(urls.Installation(installation)) : Answer.NotFound();

    private static Answer GetRepositoryInstallation(string account, string name, GitHubState state, Urls urls) =>
        state.FindRepository(account, name) is { } repository && state.InstallationFor(repository) is { } installation
            ? Answer.Ok(urls.Installation(installation))
            : Answer.NotFound();

    private static Answer CreateToken(GitHubCall call, long id, GitHubState state, InstallationTokens tokens, Urls urls)
    {
        if (state.FindInstallation(id) is not { } installation)
        {
            return Answer.NotFound();
        }

        if (installation.SuspendedAt is not null)
        {
            return Answer.Error(403, "This installation has been suspended");
        }

        lock (state.Gate)
        {
            if (Narrow(call.Body, installation, state, out var repositories) is { } unknown)
            {
                return unknown;
            }

            if (Narrow(call.Body, installation, out var permissions) is { } refused)
            {
                return refused;
            }

            var legacy = string.Equals(call.Context.Request.Headers["X-GitHub-Stateless-S2S-Token"], "disabled",
                StringComparison.OrdinalIgnoreCase);
            var (token, grant) = tokens.Create(installation, repositories?.Select(repository => repository.Id).ToHashSet(), permissions,
                legacy);
            var shape = new JsonObject
            {
                ["token"] = token,
                ["expires_at"] = Urls.Time(grant.ExpiresAt),
                ["permissions"] = AppShape.Permissions(permissions),
                ["repository_selection"] = repositories is null && installation.RepositoryIds is null ? "all" : "selected",
            };
            if (repositories is not null)
            {
                shape["repositories"] = new JsonArray([.. repositories.Select(urls.Repository)]);
            }

            return new Answer { Status = 201, Body = shape };
        }
    }

    /// <summary>
    /// The repositories that the request names, or null when it names none. The answer refuses one that the installation does not reach.
    /// </summary>
    private static Answer? Narrow(JsonObject body, Installation installation, GitHubState state, out List<Repository>? repositories)
    {
        repositories = null;
        if (body["repositories"] is not JsonArray && body["repository_ids"] is not JsonArray)
        {
            return null;
        }

        var reached = state.Repositories.Where(installation.Reaches).ToList();
        var named = (body["repositories"] as JsonArray ?? []).Select(node => reached.Find(repository =>
            node?.GetValueKind() == JsonValueKind.String &&
                string.Equals(repository.Name, node.GetValue<string>(), StringComparison.OrdinalIgnoreCase)));
        var numbered = (body["repository_ids"] as JsonArray ?? []).Select(node => reached.Find(repository =>
            node?.GetValueKind() == JsonValueKind.Number && node.AsValue().TryGetValue<long>(out var id) && repository.Id == id));
        var found = named.Concat(numbered).ToList();
        if (found.Count > RepositoriesMax || found.Contains(null))
        {
            return Answer.Error(422,
                "There is at least one repository that does not exist or is not accessible to the parent installation.");
        }

        repositories = [.. found.OfType<Repository>().Distinct()];
        return null;
    }

    /// <summary>
    /// The permissions that the request names, or all of the installation's. The answer refuses one that it was not granted.
    /// </summary>
    private static Answer? Narrow(JsonObject body, Installation installation, out IReadOnlyDictionary<string, string> permissions)
    {
        permissions = installation.Permissions;
        if (body["permissions"] is not JsonObject wanted)
        {
            return null;
        }

        var narrowed = new Dictionary<string, string>(StringComparer.Ordinal) { ["metadata"] = "read" };
        foreach (var (name, level) in wanted)
        {
            var asked = level?.GetValueKind() == JsonValueKind.String ? level.GetValue<string>() : null;
            if (asked is not ("read" or "write") || !installation.Permissions.TryGetValue(name, out var granted) ||
                (asked == "write" && granted != "write"))
            {
                return Answer.Error(422, "The permissions requested are not granted to this installation.");
            }

            narrowed[name] = asked;
        }

        permissions = narrowed;
        return null;
    }

    private static Answer ListRepositories(GitHubCall call, GitHubState state, Urls urls)
    {
        lock (state.Gate)
        {
            var token = (Caller.InstallationToken)call.Caller;
            return call.Page([.. state.Repositories.Where(token.Reaches)], urls.Repository, urls, "repositories");
        }
    }

    private static Answer RevokeToken(GitHubCall call, InstallationTokens tokens)
    {
        tokens.Revoke(Authenticator.Credential(call.Context.Request.Headers.Authorization.ToString())!);
        return Answer.NoContent();
    }

    private static Answer GetRateLimit(GitHubCall call, RateLimiter limiter)
    {
        var budget = limiter.BudgetOf(call.Caller);
        JsonObject Shape() => new()
        {
            ["limit"] = budget.Limit,
            ["used"] = budget.Used,
            ["remaining"] = budget.Remaining,
            ["reset"] = budget.Reset.ToUnixTimeSeconds(),
        };
        return Answer.Ok(new JsonObject
        {
            ["resources"] = new JsonObject { ["core"] = Shape(), ["search"] = Shape() },
            ["rate"] = Shape(),
        });
    }
}
