using Aspire.Hosting;
using Aspire.Hosting.Testing;

namespace AgentPlatform.Tests.Hosts;

/// <summary>The same app host that people run, started for tests on ports and with data of its own.</summary>
internal static class AppHostStart
{
    /// <summary>How long a start, or a resource that was killed, may take on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Starts it, and waits until some of its resources are healthy.</summary>
    /// <param name="args">Its command line.</param>
    /// <param name="healthy">Whom to wait for.</param>
    /// <param name="configure">Changes to it before it is built.</param>
    public static async Task<DistributedApplication> StartAsync(
        string[] args, IEnumerable<string> healthy, Action<IDistributedApplicationTestingBuilder>? configure = null)
    {
        using var limit = new CancellationTokenSource(Patience);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AgentPlatform_AppHost>(args, limit.Token);
        configure?.Invoke(builder);
        var app = await builder.BuildAsync(limit.Token);
        try
        {
            await app.StartAsync(limit.Token);
            foreach (var resource in healthy)
            {
                await app.ResourceNotifications.WaitForResourceHealthyAsync(resource, limit.Token);
            }

            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }
}
