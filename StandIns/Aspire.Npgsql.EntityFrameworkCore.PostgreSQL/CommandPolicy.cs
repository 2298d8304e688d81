using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql.EntityFrameworkCore.PostgreSQL;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure;

namespace Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;

/// <summary>Retries and time limit of a context's commands.</summary>
internal static class CommandPolicy
{
    /// <summary>Applies the settings, unless the application has decided otherwise before.</summary>
    /// <exception cref="InvalidOperationException">What the application decided contradicts the settings.</exception>
    public static void Apply(NpgsqlEntityFrameworkCorePostgreSQLSettings settings, NpgsqlDbContextOptionsBuilder npgsql, RelationalOptionsExtension? existing)
    {
        if (!settings.DisableRetry && !HasRetries(existing))
        {
            npgsql.EnableRetryOnFailure();
        }

        if (settings.CommandTimeout is not { } seconds)
        {
            return;
        }

        if (existing?.CommandTimeout is { } other && other != seconds)
        {
            throw new InvalidOperationException(
                $"Conflicting values for 'CommandTimeout': the context's options say {other} seconds, the settings {seconds}.");
        }

        npgsql.CommandTimeout(seconds);
    }

    private static bool HasRetries(RelationalOptionsExtension? existing)
    {
        if (existing?.ExecutionStrategyFactory is not { } factory)
        {
            return false;
        }

        // Only its type is of interest; strategies read their dependencies when they are used.
#pragma warning disable EF1001 // There is no public way to ask which strategy a context will have.
        return factory(new ExecutionStrategyDependencies(null!, null!, null!)) is NpgsqlRetryingExecutionStrategy
#pragma warning restore EF1001
            ? true
            : throw new InvalidOperationException("'DisableRetry' must be true where the context has an execution strategy of its own.");
    }
}
