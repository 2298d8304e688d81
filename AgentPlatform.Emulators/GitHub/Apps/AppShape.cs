using System.Globalization;
using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Apps;

/// <summary>The App and its installations as GitHub writes them.</summary>
internal static class AppShape
{
    /// <summary>The webhooks that the App is subscribed to.</summary>
    public static readonly string[] Events = ["check_run", "check_suite", "issue_comment", "pull_request", "push"];

    // The App is older than every repository; its exact age tells nobody anything.
    private const string Created = "2026-01-01T00:00:00Z";

    public static JsonObject App(this Urls urls)
    {
        var options = urls.Options;
        return new JsonObject
        {
            ["id"] = options.AppId,
            ["client_id"] = AppJwt.ClientId(options),
            ["slug"] = options.AppSlug,
            ["node_id"] = Urls.NodeId("A", options.AppId),
            ["owner"] = urls.User(new Account(1, "app-owner", AccountType.User)),
            ["name"] = options.AppSlug,
            ["description"] = string.Empty,
            ["external_url"] = urls.Html,
            ["html_url"] = $"{urls.Html}/apps/{options.AppSlug}",
            ["created_at"] = Created,
            ["updated_at"] = Created,
            ["permissions"] = Permissions(options.Permissions),
            ["events"] = new JsonArray([.. Events.Select(name => JsonValue.Create(name))]),
        };
    }

    public static JsonObject Installation(this Urls urls, Installation installation)
    {
        var id = installation.Id.ToString(CultureInfo.InvariantCulture);
        return new JsonObject
        {
            ["id"] = installation.Id,
            ["client_id"] = AppJwt.ClientId(urls.Options),
            ["account"] = urls.User(installation.Account),
            ["repository_selection"] = installation.RepositoryIds is null ? "all" : "selected",
            ["access_tokens_url"] = $"{urls.Api}/app/installations/{id}/access_tokens",
            ["repositories_url"] = $"{urls.Api}/installation/repositories",
            ["html_url"] = $"{urls.Html}/settings/installations/{id}",
            ["app_id"] = urls.Options.AppId,
            ["app_slug"] = urls.Options.AppSlug,
            ["target_id"] = installation.Account.Id,
            ["target_type"] = installation.Account.Type.ToString(),
            ["permissions"] = Permissions(installation.Permissions),
            ["events"] = new JsonArray([.. Events.Select(name => JsonValue.Create(name))]),
            ["created_at"] = Urls.Time(installation.CreatedAt),
            ["updated_at"] = Urls.Time(installation.SuspendedAt ?? installation.CreatedAt),
            ["single_file_name"] = null,
            ["has_multiple_single_files"] = false,
            ["single_file_paths"] = new JsonArray(),
            ["suspended_by"] = installation.SuspendedAt is null ? null : urls.User(installation.Account),
            ["suspended_at"] = Urls.Time(installation.SuspendedAt),
        };
    }

    public static JsonObject Permissions(IReadOnlyDictionary<string, string> permissions)
    {
        var shape = new JsonObject();
        foreach (var (name, level) in permissions.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            shape[name] = level;
        }

        return shape;
    }
}
