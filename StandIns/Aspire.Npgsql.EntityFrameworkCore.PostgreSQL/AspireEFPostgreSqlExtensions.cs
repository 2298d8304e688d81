using Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds database contexts on PostgreSQL.</summary>
public static class AspireEFPostgreSqlExtensions
{
    private const string Section = "Aspire:Npgsql:EntityFrameworkCore:PostgreSQL";

    /// <summary>Adds a pooled context with retries, health check, traces and metrics.</summary>
    /// <typeparam name="TContext">The context.</typeparam>
    /// <param name="builder">The host.</param>
    /// <param name="connectionName">The connection string's name.</param>
    /// <param name="configureSettings">Changes the settings after they were read.</param>
    /// <param name="configureDbContextOptions">Changes the context's options after the provider was set.</param>
    /// <exception cref="InvalidOperationException">In Development: the context is registered already.</exception>
    public static void AddNpgsqlDbContext<TContext>(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlEntityFrameworkCorePostgreSQLSettings>? configureSettings = null,
        Action<DbContextOptionsBuilder>? configureDbContextOptions = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        if (builder.Environment.IsDevelopment() && IsRegistered<TContext>(builder))
        {
            throw new InvalidOperationException(
                $"{typeof(TContext).Name} is already registered. Use {nameof(EnrichNpgsqlDbContext)} for a context that was registered before.");
        }

        var settings = ReadSettings<TContext>(builder, connectionName);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);
        builder.Services.AddDbContextPool<TContext>(options =>
        {
            if (string.IsNullOrEmpty(settings.ConnectionString))
            {
                throw new InvalidOperationException(
                    $"ConnectionString is missing. It should be provided in 'ConnectionStrings:{connectionName}' or under the key " +
                    $"'ConnectionString' in '{Section}', '{Section}:{connectionName}' or '{Section}:{typeof(TContext).Name}'.");
            }

            options.UseNpgsql(settings.ConnectionString, npgsql => CommandPolicy.Apply(settings, npgsql, existing: null));
            configureDbContextOptions?.Invoke(options);
        });
        Instrumentation.Add<TContext>(builder, settings);
    }

    /// <summary>Gives a context that was registered before retries, health check, traces and metrics.</summary>
    /// <typeparam name="TContext">The context.</typeparam>
    /// <param name="builder">The host.</param>
    /// <param name="configureSettings">Changes the settings after they were read.</param>
    /// <exception cref="InvalidOperationException">The context is not registered.</exception>
    public static void EnrichNpgsqlDbContext<TContext>(
        this IHostApplicationBuilder builder, Action<NpgsqlEntityFrameworkCorePostgreSQLSettings>? configureSettings = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!IsRegistered<TContext>(builder))
        {
            throw new InvalidOperationException(
                $"{typeof(TContext).Name} is not registered. Register it before {nameof(EnrichNpgsqlDbContext)}, or use {nameof(AddNpgsqlDbContext)}.");
        }

        var settings = ReadSettings<TContext>(builder, connectionName: null);
        configureSettings?.Invoke(settings);
        builder.Services.ConfigureDbContext<TContext>(options =>
        {
            var existing = options.Options.Extensions.OfType<RelationalOptionsExtension>().FirstOrDefault();
            options.UseNpgsql(npgsql => CommandPolicy.Apply(settings, npgsql, existing));
        });
        Instrumentation.Add<TContext>(builder, settings);
    }

    private static bool IsRegistered<TContext>(IHostApplicationBuilder builder) =>
        builder.Services.Any(service => service.ServiceType == typeof(TContext));

    private static NpgsqlEntityFrameworkCorePostgreSQLSettings ReadSettings<TContext>(IHostApplicationBuilder builder, string? connectionName)
    {
        var settings = new NpgsqlEntityFrameworkCorePostgreSQLSettings();
        var section = builder.Configuration.GetSection(Section);
        section.Bind(settings);
        if (connectionName is not null)
        {
            section.GetSection(connectionName).Bind(settings);
        }

        section.GetSection(typeof(TContext).Name).Bind(settings);
        return settings;
    }
}
