using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running.Programs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Redis.Running;

/// <summary>What running servers on this machine adds to their resources.</summary>
internal static class RedisRunning
{
    /// <summary>The server is a program of this machine; the check <c>{name}_check</c> is a real connection.</summary>
    public static IResourceBuilder<RedisResource> RunLocally(this IResourceBuilder<RedisResource> builder)
    {
        IResourceWithConnectionString server = builder.Resource;
        var key = $"{server.Name}_check";
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            key, _ => new RedisHealthCheck(server.GetConnectionStringAsync), failureStatus: null, tags: null));
        return builder.WithAnnotation(new ProgramAnnotation(new RedisProgram())).WithHealthCheck(key);
    }
}
