using Microsoft.Extensions.Hosting;

namespace AgentPlatform.AppHost;

/// <summary>GitHub and the model providers: real ones by parameters, or, in Development without them, their emulators.</summary>
internal static class Forge
{
    public static void AddForge(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<ProjectResource> webhooks,
        IResourceBuilder<ProjectResource> scheduler,
        IResourceBuilder<ProjectResource> sessions,
        IResourceBuilder<ProjectResource> host)
    {
        var real = builder.Configuration["Parameters:github-app-id"] is { Length: > 0 };
        if (builder.ExecutionContext.IsPublishMode || !builder.Environment.IsDevelopment() || real)
        {
            builder.AddGitHubApp(webhooks, scheduler, sessions);
        }
        else
        {
            builder.AddEmulators(webhooks, scheduler, sessions);
        }

        if (builder.ExecutionContext.IsRunMode)
        {
            // Locally everything ends with the app host; in production commands outlive the host's service.
            host.WithEnvironment("Wsl2Host__Lifeline", "true");
        }
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

        foreach (var service in (IResourceBuilder<ProjectResource>[])[webhooks, scheduler])
        {
            service.WithEnvironment("GitHub__AppId", appId).WithEnvironment("GitHub__PrivateKey", privateKey);
        }

        webhooks.WithEnvironment("Webhooks__GitHub__Secrets__0", webhookSecret);
        sessions.WithEnvironment("Models__Anthropic__ApiKey", modelKey);
    }

    private static void AddEmulators(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<ProjectResource> webhooks,
        IResourceBuilder<ProjectResource> scheduler,
        IResourceBuilder<ProjectResource> sessions)
    {
        var webhookSecret = builder.AddParameter(
            "emulated-webhook-secret", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);
        var modelKey = builder.AddParameter(
            "emulated-model-key", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);

        var emulators = builder.AddProject<Projects.AgentPlatform_Emulators>("emulators")
            .WithResolvableReferences()
            .WithHttpHealthCheck("/health")
            .WithEnvironment("Emulators__GitHub__WebhookUrl", $"{webhooks.GetEndpoint("http")}/webhooks/github")
            .WithEnvironment("Emulators__GitHub__WebhookSecret", webhookSecret)
            .WithEnvironment("Emulators__Models__ApiKey", modelKey)
            .WaitFor(webhooks);
        webhooks.WithEnvironment("Webhooks__GitHub__Secrets__0", webhookSecret);
    }
}
