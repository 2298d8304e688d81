using AgentPlatform.ServiceDefaults.Health;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AgentPlatform.Persistence;

/// <summary>Asks Postgres, as the service's own role, which migration its schema is at.</summary>
internal sealed class PostgresProbe<TContext>(IServiceScopeFactory scopes) : IDependencyProbe
    where TContext : ServiceDbContext
{
    public string Name => "postgres";

    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<TContext>();
        if (!(await context.Database.GetAppliedMigrationsAsync(cancellationToken)).Any())
        {
            throw new InvalidOperationException("The schema has no migrations.");
        }
    }
}
