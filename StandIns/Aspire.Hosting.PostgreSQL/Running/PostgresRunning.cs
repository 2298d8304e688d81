using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running.Programs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.PostgreSQL.Running;

/// <summary>What running servers and databases on this machine adds to their resources.</summary>
internal static class PostgresRunning
{
    /// <summary>The server is a program of this machine; its databases are made when it is ready.</summary>
    public static IResourceBuilder<PostgresServerResource> RunLocally(this IResourceBuilder<PostgresServerResource> builder)
    {
        var server = builder.Resource;
        builder.ApplicationBuilder.Eventing.Subscribe<ResourceReadyEvent>(server, async (_, cancellationToken) =>
            await PostgresDatabases.EnsureAsync(
                await server.ConnectionStringExpression.GetValueAsync(cancellationToken), server.Databases.Values, cancellationToken));
        return builder.WithAnnotation(new ProgramAnnotation(new PostgresProgram())).CheckConnections();
    }

    /// <summary>Registers the check <c>{name}_check</c>: a real connection.</summary>
    public static IResourceBuilder<T> CheckConnections<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithConnectionString
    {
        var resource = builder.Resource;
        var key = $"{resource.Name}_check";
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            key, _ => new PostgresHealthCheck(resource.GetConnectionStringAsync), failureStatus: null, tags: null));
        return builder.WithHealthCheck(key);
    }
}
