using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentPlatform.Persistence;

/// <summary>
/// Brings the service's schema up to date before the service listens. Replicas that start together take turns by an advisory lock:
/// the first migrates, the others find nothing left to do.
/// </summary>
internal sealed partial class MigrateOnStart<TContext>(IServiceScopeFactory scopes, ILogger<MigrateOnStart<TContext>> logger) : IHostedLifecycleService
    where TContext : ServiceDbContext
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<TContext>();
        context.Database.SetCommandTimeout(Limit);

        // A session lock needs one connection from lock to unlock; closing it would release the lock as well.
        await context.Database.OpenConnectionAsync(cancellationToken);
        var lockName = $"agentplatform/migrate/{typeof(TContext).Name}";
        await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock(hashtextextended({lockName}, 0))", cancellationToken);
        try
        {
            // Made beforehand, because EF would ask for it in vain and log that as an error.
            await context.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancellationToken);
            var pending = (await context.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
            if (pending.Count > 0)
            {
                await context.Database.MigrateAsync(cancellationToken);
                Log.Migrated(logger, typeof(TContext).Name, pending.Count, pending[^1]);
            }
        }
        finally
        {
            await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock(hashtextextended({lockName}, 0))", CancellationToken.None);
            await context.Database.CloseConnectionAsync();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(6301, LogLevel.Information, "{Context} applied {Count} migrations, the last is {Migration}")]
        public static partial void Migrated(ILogger logger, string context, int count, string migration);
    }
}
