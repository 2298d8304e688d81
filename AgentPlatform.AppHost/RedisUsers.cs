using Microsoft.Extensions.DependencyInjection;

namespace AgentPlatform.AppHost;

/// <summary>Redis keeps its users in memory, and this one has no file for them: when it comes back from a restart, provisioning makes them again.</summary>
internal static class RedisUsers
{
    public static void RunsAgainAfter(this IResourceBuilder<ProjectResource> provisioning, IResourceBuilder<RedisResource> redis)
    {
        var before = 0;
        redis.ApplicationBuilder.Eventing.Subscribe<ResourceReadyEvent>(redis.Resource, (ready, cancellationToken) =>
        {
            // The first time, provisioning is waiting for this very event, and starts by itself.
            if (Interlocked.Increment(ref before) > 1)
            {
                var commands = ready.Services.GetRequiredService<ResourceCommandService>();
                _ = commands.ExecuteCommandAsync(provisioning.Resource, KnownResourceCommands.StartCommand, cancellationToken);
            }

            return Task.CompletedTask;
        });
    }
}
