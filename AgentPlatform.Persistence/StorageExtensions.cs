using AgentPlatform.Persistence;
using AgentPlatform.ServiceDefaults.Configuration;
using AgentPlatform.ServiceDefaults.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>A service's database and Redis.</summary>
public static class StorageExtensions
{
    private const string MigrationsTable = "migrations";

    /// <summary>
    /// Adds the service's schema: its context, its health check, and its migrations, which are applied before the service listens.
    /// </summary>
    /// <param name="builder">The service, to which its defaults were added.</param>
    /// <param name="schema">The schema, which is the service's name.</param>
    public static WebApplicationBuilder AddServiceDatabase<TContext>(this WebApplicationBuilder builder, string schema)
        where TContext : ServiceDbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.RequireConnection(ConnectionStrings.Database);
        builder.AddNpgsqlDbContext<TContext>(
            ConnectionStrings.Database,
            configureDbContextOptions: options => options.UseNpgsql(npgsql => npgsql.MigrationsHistoryTable(MigrationsTable, schema)));
        builder.Services.AddHostedService<MigrateOnStart<TContext>>();
        builder.Services.AddSingleton<IDependencyProbe, PostgresProbe<TContext>>();
        return builder;
    }

    /// <summary>Adds the service's Redis client, a singleton <c>IConnectionMultiplexer</c>, with its health check.</summary>
    /// <param name="builder">The service, to which its defaults were added.</param>
    public static WebApplicationBuilder AddServiceRedis(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.RequireConnection(ConnectionStrings.Redis);
        builder.AddRedisClient(ConnectionStrings.Redis);
        builder.Services.AddSingleton<IDependencyProbe, RedisProbe>();
        return builder;
    }
}
