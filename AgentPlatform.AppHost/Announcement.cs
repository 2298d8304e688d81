using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentPlatform.AppHost;

/// <summary>The addresses a person needs, printed once they answer.</summary>
internal static class Announcement
{
    public static DistributedApplication AnnounceWhenHealthy(
        this DistributedApplication app,
        IResourceBuilder<ProjectResource> gateway,
        IResourceBuilder<ProjectResource> webhooks,
        IResourceBuilder<ProjectResource>? emulators)
    {
        if (gateway.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
            lifetime.ApplicationStarted.Register(() => _ = PrintAsync(app, gateway, webhooks, emulators, lifetime.ApplicationStopping));
        }

        return app;
    }

    private static async Task PrintAsync(
        DistributedApplication app,
        IResourceBuilder<ProjectResource> gateway,
        IResourceBuilder<ProjectResource> webhooks,
        IResourceBuilder<ProjectResource>? emulators,
        CancellationToken stopping)
    {
        try
        {
            foreach (var resource in (IEnumerable<IResourceBuilder<ProjectResource>>)[gateway, webhooks, .. emulators is null ? [] : new[] { emulators }])
            {
                await app.ResourceNotifications.WaitForResourceHealthyAsync(resource.Resource.Name, stopping);
            }

            var text = new StringBuilder()
                .AppendLine().AppendLine("  AgentPlatform is up.")
                .AppendLine($"    API        {gateway.GetEndpoint("http").Url}/api/v1/runs")
                .AppendLine($"    webhooks   {webhooks.GetEndpoint("http").Url}/webhooks/github");
            if (emulators is not null)
            {
                text.AppendLine($"    GitHub     {emulators.GetEndpoint("http").Url} (emulated; ./dev demo opens a pull request there)");
            }

            Console.WriteLine(text.AppendLine("    Ctrl-C ends everything."));
        }
        catch (Exception error) when (error is OperationCanceledException or DistributedApplicationException)
        {
            // Stopping, or a resource failed: its own message says more than this one could.
        }
    }
}
