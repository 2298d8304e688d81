using AgentPlatform.Persistence;
using AgentPlatform.ServiceDefaults.Configuration;
using AgentPlatform.ServiceDefaults.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Microsoft.Extensions.Hosting;

/// <summary>A service's database and Redis.</summary>
public static class StorageExtensions
{
    private const string MigrationsTable = "migrations";

    /// <summary>More statements than any service has that it repeats.</summary>
    private const int PreparedMax = 100;

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
        PrepareStatements(builder.Configuration);
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

    /// <summary>
    /// A statement that a connection has run a few times is planned no more: admission's alone takes Postgres longer to plan than to run. A connection
    /// string that says how many are to be prepared is left as it is, for a pooler that cannot have any.
    /// </summary>
    private static void PrepareStatements(ConfigurationManager configuration)
    {
        if (configuration.GetConnectionString(ConnectionStrings.Database) is { Length: > 0 } given
            && !given.Replace(" ", string.Empty, StringComparison.Ordinal).Contains(nameof(NpgsqlConnectionStringBuilder.MaxAutoPrepare), StringComparison.OrdinalIgnoreCase))
        {
            var connection = new NpgsqlConnectionStringBuilder(given) { MaxAutoPrepare = PreparedMax };
            configuration.AddInMemoryCollection([new($"ConnectionStrings:{ConnectionStrings.Database}", connection.ConnectionString)]);
        }
    }
}
