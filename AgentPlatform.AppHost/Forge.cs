using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;

namespace AgentPlatform.AppHost;

/// <summary>GitHub and the model providers: real ones by parameters, or, in Development without them, their emulators.</summary>
internal static class Forge
{
    /// <returns>The emulators; null with a real GitHub App.</returns>
    public static IResourceBuilder<ProjectResource>? AddForge(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<ProjectResource> webhooks,
        IResourceBuilder<ProjectResource> scheduler,
        IResourceBuilder<ProjectResource> sessions,
        IResourceBuilder<ProjectResource> host)
    {
        var configured = builder.Configuration["Parameters:github-app-id"] is { Length: > 0 };
        if (builder.ExecutionContext.IsRunMode && builder.Environment.IsDevelopment() && !configured)
        {
            return builder.AddEmulators(webhooks, scheduler, sessions, host);
        }

        builder.AddGitHubApp(webhooks, scheduler, sessions);
        return null;
    }

    private static void AddGitHubApp(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<ProjectResource> webhooks,
        IResourceBuilder<ProjectResource> scheduler,
        IResourceBuilder<ProjectResource> sessions)
    {
        var appId = builder.AddParameter("github-app-id");
        var privateKey = builder.AddParameter("github-private-key", secret: true);
        var webhookSecret = builder.AddParameter("github-webhook-secret", secret: true);
        var modelKey = builder.AddParameter("anthropic-api-key", secret: true);

        // Webhooks reads missed deliveries from GitHub's API; Scheduler reads pull requests and writes reports.
        webhooks.WithEnvironment("GitHub__AppId", appId).WithEnvironment("GitHub__PrivateKey", privateKey);
        scheduler.WithEnvironment("GitHub__AppId", appId).WithEnvironment("GitHub__PrivateKey", privateKey);
        webhooks.WithEnvironment("Webhooks__GitHub__Secrets__0", webhookSecret);
        sessions.WithEnvironment("Models__Anthropic__ApiKey", modelKey);
    }

    private static IResourceBuilder<ProjectResource> AddEmulators(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<ProjectResource> webhooks,
        IResourceBuilder<ProjectResource> scheduler,
        IResourceBuilder<ProjectResource> sessions,
        IResourceBuilder<ProjectResource> host)
    {
        const string AppId = "1001";
        var pem = NewAppKey();
        var appKey = builder.AddParameter("emulated-app-key", () => pem, secret: true);
        var webhookSecret = Generated(builder, "emulated-webhook-secret");
        var modelKey = Generated(builder, "emulated-model-key");

        var emulators = builder.AddProject<Projects.AgentPlatform_Emulators>("emulators")
            .WithHttpHealthCheck("/health")
            .WithEnvironment("Emulators__GitHub__AppId", AppId)
            .WithEnvironment("Emulators__GitHub__AppPublicKey", appKey)
            .WithEnvironment("Emulators__GitHub__WebhookUrl", $"{webhooks.GetEndpoint("http")}/webhooks/github")
            .WithEnvironment("Emulators__GitHub__WebhookSecret", webhookSecret)
            .WithEnvironment("Emulators__Models__ApiKey", modelKey)
            .ExcludeFromManifest();
        var address = emulators.GetEndpoint("http");

        // Links in pull requests keep over a restart of the process, and lead where people look.
        emulators.WithEnvironment("Emulators__PublicUrl", address);

        webhooks.WithEnvironment("Webhooks__GitHub__Secrets__0", webhookSecret);
        sessions.WithEnvironment("Models__Anthropic__BaseUrl", $"{address}/anthropic").WithEnvironment("Models__Anthropic__ApiKey", modelKey);
        host.WithEnvironment("Wsl2Host__Forges__github.com__GitUrl", $"{address}/github");
        foreach (var service in (IResourceBuilder<ProjectResource>[])[webhooks, scheduler])
        {
            service
                .WithEnvironment("GitHub__ApiUrl", $"{address}/github/api/v3")
                .WithEnvironment("GitHub__GitUrl", $"{address}/github")
                .WithEnvironment("GitHub__AppId", AppId)
                .WithEnvironment("GitHub__PrivateKey", appKey)
                .WithEnvironment("GitHub__WriteSpacing", "00:00:00");
        }

        return emulators;
    }

    private static IResourceBuilder<ParameterResource> Generated(IDistributedApplicationBuilder builder, string name) =>
        builder.AddParameter(name, new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);

    private static string NewAppKey()
    {
        using var key = RSA.Create(2048);
        return key.ExportRSAPrivateKeyPem();
    }
}
