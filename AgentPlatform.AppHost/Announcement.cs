using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentPlatform.AppHost;

/// <summary>The addresses a person needs, printed once they answer.</summary>
internal static class Announcement
{
    public static DistributedApplication AnnounceWhenHealthy(
        this DistributedApplication app, IResourceBuilder<ProjectResource> gateway, IResourceBuilder<ProjectResource> webhooks)
    {
        if (gateway.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
            lifetime.ApplicationStarted.Register(() => _ = PrintAsync(app, gateway, webhooks, lifetime.ApplicationStopping));
        }

        return app;
    }

    private static async Task PrintAsync(
        DistributedApplication app, IResourceBuilder<ProjectResource> gateway, IResourceBuilder<ProjectResource> webhooks, CancellationToken stopping)
    {
        try
        {
            await app.ResourceNotifications.WaitForResourceHealthyAsync(gateway.Resource.Name, stopping);
            await app.ResourceNotifications.WaitForResourceHealthyAsync(webhooks.Resource.Name, stopping);
            Console.WriteLine($"""

                  AgentPlatform is up.
                    console    {gateway.GetEndpoint("http").Url}
                    webhooks   {webhooks.GetEndpoint("http").Url}/webhooks/github
                    Ctrl-C ends everything.

                """);
        }
        catch (Exception error) when (error is OperationCanceledException or DistributedApplicationException)
        {
            // Stopping, or a resource failed: its own message says more than this one could.
        }
    }
}
