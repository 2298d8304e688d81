using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;

/// <summary>
/// Healthy when a connection to the context's database can be had. Tried once: through the context's execution strategy, which repeats, the
/// answer about a database that is down would take more than a minute.
/// </summary>
internal sealed class DbContextHealthCheck<TContext>(TContext database) : IHealthCheck
    where TContext : DbContext
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var connection = database.Database.GetDbConnection();
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            await connection.CloseAsync().ConfigureAwait(false);
            return HealthCheckResult.Healthy();
        }
        catch (DbException failure)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "The database cannot be reached.", failure);
        }
    }
}
