using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace Services.Scheduler.GitHub;

/// <summary>Everything that talks to GitHub.</summary>
internal static class GitHubSetup
{
    private const string MediaType = "application/vnd.github+json";
    private const string ApiVersion = "2022-11-28";

    public static void AddGitHub(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<GitHubOptions>().BindConfiguration(GitHubOptions.Section).ValidateDataAnnotations()
            .Validate(
                options => !options.IsConfigured || !string.IsNullOrWhiteSpace(options.PrivateKey) || File.Exists(options.PrivateKeyPath),
                "GitHub:AppId is set, so GitHub:PrivateKey must hold the App's key as PEM, or GitHub:PrivateKeyPath the path of such a file.");
        builder.Services.AddSingleton<GitHubTokens>();
        builder.Services.AddSingleton<GitHubWritePace>();
        builder.Services.AddSingleton<GitHubClient>();
        foreach (var name in (string[])[GitHubClient.ClientName, GitHubTokens.ClientName])
        {
            builder.Services.AddHttpClient(name, (services, client) => Configure(client, services.GetRequiredService<IOptionsMonitor<GitHubOptions>>().CurrentValue));
        }
    }

    private static void Configure(HttpClient client, GitHubOptions options)
    {
        // A base address is a directory only with a slash behind it.
        client.BaseAddress = new Uri(options.ApiUrl.AbsoluteUri.TrimEnd('/') + "/");
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue(MediaType));
        client.DefaultRequestHeaders.Add("X-GitHub-Api-Version", ApiVersion);
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("AgentPlatform", "1.0"));
    }
}
