using Npgsql;

namespace Aspire.Hosting.PostgreSQL.Running;

/// <summary>The app host's own connections to a server: one at a time, none kept open.</summary>
internal static class PostgresConnections
{
    /// <summary>Opens a connection outside the pool.</summary>
    /// <exception cref="InvalidOperationException">There is no connection string yet.</exception>
    public static async Task<NpgsqlConnection> OpenAsync(string? connectionString, CancellationToken cancellationToken)
    {
        _ = connectionString ?? throw new InvalidOperationException("The connection string is not known yet.");
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = 5 };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
