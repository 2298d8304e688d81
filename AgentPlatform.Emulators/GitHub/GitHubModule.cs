using AgentPlatform.Emulators.Control;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Apps;
using AgentPlatform.Emulators.GitHub.Checks;
using AgentPlatform.Emulators.GitHub.Comments;
using AgentPlatform.Emulators.GitHub.Control;
using AgentPlatform.Emulators.GitHub.Demo;
using AgentPlatform.Emulators.GitHub.Git;
using AgentPlatform.Emulators.GitHub.GitHttp;
using AgentPlatform.Emulators.GitHub.Hooks;
using AgentPlatform.Emulators.GitHub.Pulls;
using AgentPlatform.Emulators.GitHub.RateLimits;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;
using AgentPlatform.Emulators.GitHub.Statuses;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.GitHub;

/// <summary>The emulated GitHub: its parts and its addresses.</summary>
internal static class GitHubModule
{
    public static WebApplicationBuilder AddGitHub(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<GitHubOptions>()
            .BindConfiguration(GitHubOptions.Section)
            .ValidateDataAnnotations()
            .Validate(options => options.AppPublicKey is not { Length: > 0 } pem || AppKeys.IsKey(pem),
                $"{GitHubOptions.Section}:AppPublicKey must be an RSA key as PEM.")
            .ValidateOnStart();
        builder.Services
            .AddSingleton<GitHubState>()
            .AddSingleton<Urls>()
            .AddSingleton<GitProgram>()
            .AddSingleton<GitStore>()
            .AddSingleton<GitHttpBackend>()
            .AddSingleton<AppKeys>()
            .AddSingleton<AppJwt>()
            .AddSingleton<InstallationTokens>()
            .AddSingleton<Authenticator>()
            .AddSingleton<RateLimiter>()
            .AddSingleton<HookTarget>()
            .AddSingleton<Deliveries>()
            .AddSingleton<DeliverySender>()
            .AddSingleton<Webhooks>()
            .AddSingleton<PullService>()
            .AddSingleton<PushService>()
            .AddSingleton<RepositoryFactory>()
            .AddSingleton<CheckRunService>()
            .AddSingleton<CommentService>()
            .AddSingleton<DemoScenario>()
            .AddSingleton<Faults>()
            .AddSingleton<CallLog>()
            .AddHostedService(services => services.GetRequiredService<DeliverySender>());
        return builder;
    }

    public static WebApplication MapGitHub(this WebApplication app)
    {
        var basePath = app.Services.GetRequiredService<IOptions<GitHubOptions>>().Value.BasePath;
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments($"{basePath}/api/v3"),
            branch => branch.UseMiddleware<ApiMiddleware>());
        var api = app.MapGroup($"{basePath}/api/v3");
        api.MapApps().MapHooks().MapRepositoryInstallation();
        // GitHub serves everything below a repository under its name and under its id.
        foreach (var path in new[] { "repos/{owner}/{repo}", "repositories/{repositoryId:long}" })
        {
            api.MapGroup(path).MapRepositories().MapContents().MapPulls().MapReviews().MapChecks().MapComments().MapStatuses();
        }

        api.Map("{**rest}", Answer.NotFound);
        app.MapGitHttp(basePath);
        app.MapControl("/control/github").MapRepositoryControl().MapPullControl().MapHookControl().MapAppControl().MapInspectControl()
            .MapDemo();
        return app;
    }
}
