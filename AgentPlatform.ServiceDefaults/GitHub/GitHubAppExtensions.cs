using System.Net.Http.Headers;
using AgentPlatform.ServiceDefaults.GitHub;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service needs that talks to GitHub.</summary>
public static class GitHubAppExtensions
{
    private const string MediaType = "application/vnd.github+json";
    private const string ApiVersion = "2022-11-28";

    /// <summary>Adds <see cref="GitHubOptions"/>, which are checked at the start, and <see cref="AppTokens"/>.</summary>
    public static IServiceCollection AddGitHubApp(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<GitHubOptions>().BindConfiguration(GitHubOptions.Section).ValidateDataAnnotations()
            .Validate(
                options => !options.IsConfigured || !string.IsNullOrWhiteSpace(options.PrivateKey) || File.Exists(options.PrivateKeyPath),
                "GitHub:AppId is set, so GitHub:PrivateKey must hold the App's key as PEM, or GitHub:PrivateKeyPath the path of such a file.");
        services.TryAddSingleton<AppTokens>();
        return services;
    }

    /// <summary>Adds a named client of GitHub's REST API. Requests have paths without a slash before them, and bring their own authorization.</summary>
    public static IHttpClientBuilder AddGitHubClient(this IServiceCollection services, string name) =>
        services.AddHttpClient(name, (provider, client) =>
        {
            // A base address is a directory only with a slash behind it.
            client.BaseAddress = new Uri(provider.GetRequiredService<IOptionsMonitor<GitHubOptions>>().CurrentValue.ApiUrl.AbsoluteUri.TrimEnd('/') + "/");
            client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue(MediaType));
            client.DefaultRequestHeaders.Add("X-GitHub-Api-Version", ApiVersion);
            client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("AgentPlatform", "1.0"));
        });
}
