using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Repositories;

/// <summary>Accounts as GitHub writes them.</summary>
internal static class AccountShape
{
    /// <summary>The fields of a <c>simple-user</c>.</summary>
    public static JsonObject User(this Urls urls, Account account)
    {
        var api = $"{urls.Api}/users/{Uri.EscapeDataString(account.Login)}";
        var name = account.Type == AccountType.Bot ? $"apps/{account.Login.Replace("[bot]", string.Empty, StringComparison.Ordinal)}"
            : account.Login;
        return new JsonObject
        {
            ["login"] = account.Login,
            ["id"] = account.Id,
            ["node_id"] = Urls.NodeId(account.Type == AccountType.Organization ? "O" : "U", account.Id),
            ["avatar_url"] = $"{urls.Html}/avatars/u/{account.Id}?v=4",
            ["gravatar_id"] = string.Empty,
            ["url"] = api,
            ["html_url"] = $"{urls.Html}/{name}",
            ["followers_url"] = $"{api}/followers",
            ["following_url"] = $"{api}/following{{/other_user}}",
            ["gists_url"] = $"{api}/gists{{/gist_id}}",
            ["starred_url"] = $"{api}/starred{{/owner}}{{/repo}}",
            ["subscriptions_url"] = $"{api}/subscriptions",
            ["organizations_url"] = $"{api}/orgs",
            ["repos_url"] = $"{api}/repos",
            ["events_url"] = $"{api}/events{{/privacy}}",
            ["received_events_url"] = $"{api}/received_events",
            ["type"] = account.Type.ToString(),
            ["user_view_type"] = "public",
            ["site_admin"] = false,
        };
    }

    /// <summary>How an account stands to a repository, in the word that comments and pull requests carry.</summary>
    public static string Association(Repository repository, Account account) => repository.RoleOf(account) switch
    {
        "admin" when repository.Owner.Id == account.Id => "OWNER",
        _ when repository.Collaborators.ContainsKey(account.Login) => "COLLABORATOR",
        _ when repository.Pulls.Exists(pull => pull.User.Id == account.Id && pull.MergedAt is not null) => "CONTRIBUTOR",
        _ => "NONE",
    };
}
