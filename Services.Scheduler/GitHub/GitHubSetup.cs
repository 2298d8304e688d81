namespace Services.Scheduler.GitHub;

/// <summary>Everything that talks to GitHub.</summary>
internal static class GitHubSetup
{
    public static void AddGitHub(this WebApplicationBuilder builder)
    {
        builder.Services.AddGitHubApp();
        builder.Services.AddSingleton<GitHubTokens>();
        builder.Services.AddSingleton<GitHubWritePace>();
        builder.Services.AddSingleton<GitHubClient>();
        builder.Services.AddGitHubClient(GitHubClient.ClientName);
        builder.Services.AddGitHubClient(GitHubTokens.ClientName);
    }
}
