using Npgsql;

namespace Aspire.Hosting.PostgreSQL.Running;

/// <summary>Makes the databases of a server that has become healthy.</summary>
internal static class PostgresDatabases
{
    /// <summary>Makes the databases that do not exist.</summary>
    /// <param name="connectionString">The server, as its administrator.</param>
    /// <param name="names">The databases.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="DistributedApplicationException">One could not be made.</exception>
    public static async Task EnsureAsync(string? connectionString, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Database = "postgres" };
        await using var connection = await PostgresConnections.OpenAsync(settings.ConnectionString, cancellationToken);
        foreach (var name in names)
        {
            await EnsureAsync(connection, name, cancellationToken);
        }
    }

    private static async Task EnsureAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        try
        {
            // A name cannot be a parameter; quoting it is what Postgres offers.
            var quoted = name.Replace("\"", "\"\"", StringComparison.Ordinal);
            await using var command = connection.CreateCommand();
            command.CommandText = $"CREATE DATABASE \"{quoted}\"";
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
            // It is there from an earlier run.
        }
        catch (PostgresException ex)
        {
            throw new DistributedApplicationException($"Database '{name}' could not be made: {ex.MessageText}", ex);
        }
    }
}
