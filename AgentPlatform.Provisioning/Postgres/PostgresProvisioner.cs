using AgentPlatform.ServiceDefaults.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AgentPlatform.Provisioning.Postgres;

/// <summary>
/// The database, and for each service a role with a schema of its own, which no other role can read. All statements bring what is there
/// to what it should be, so they may be run again; an advisory lock keeps two runs from doing so at once.
/// </summary>
internal sealed partial class PostgresProvisioner(IOptions<ProvisioningOptions> options, Patience patience, ILogger<PostgresProvisioner> logger)
{
    private const string MaintenanceDatabase = "postgres";
    private const string LockName = "agentplatform/provisioning";
    private static readonly TimeSpan StatementLimit = TimeSpan.FromSeconds(60);

    public async Task ProvisionAsync(CancellationToken cancellationToken)
    {
        await using var server = await patience.WaitAsync("Postgres", token => OpenAsync(MaintenanceDatabase, token), IsTransient, cancellationToken);
        try
        {
            // Held by this session until it is closed; locks belong to a database, so every run takes it in the same one.
            await ExecuteAsync(server, $"SELECT pg_advisory_lock(hashtextextended('{LockName}', 0))", cancellationToken);
            await MakeDatabaseAsync(server, cancellationToken);
            await using var database = await OpenAsync(ConnectionStrings.Database, cancellationToken);
            await CloseToEverybodyAsync(database, cancellationToken);
            foreach (var role in options.Value.Roles)
            {
                await MakeRoleAsync(database, role, cancellationToken);
                await MakeSchemaAsync(database, role.Name, cancellationToken);
                Log.RoleProvisioned(logger, role.Name);
            }
        }
        catch (NpgsqlException fault)
        {
            throw new ProvisioningException($"Postgres refused: {(fault as PostgresException)?.MessageText ?? fault.Message}", fault);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(string database, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.Value.Postgres)
        {
            Database = database,
            Pooling = false,
            ApplicationName = "provisioning",
            CommandTimeout = (int)StatementLimit.TotalSeconds,
            Timeout = 5,
        };
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

    /// <summary>A server that cannot be reached may be starting, and says so while it is; one that answers otherwise means it.</summary>
    private static bool IsTransient(Exception fault) => fault is NpgsqlException npgsql
        && (npgsql is not PostgresException { SqlState: var state } || state is PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections);

    private static async Task MakeDatabaseAsync(NpgsqlConnection server, CancellationToken cancellationToken)
    {
        if (await ExistsAsync(server, $"SELECT 1 FROM pg_database WHERE datname = '{ConnectionStrings.Database}'", cancellationToken))
        {
            return;
        }

        try
        {
            await ExecuteAsync(server, $"CREATE DATABASE {ConnectionStrings.Database} ENCODING 'UTF8' TEMPLATE template0", cancellationToken);
        }
        catch (PostgresException raced) when (raced.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Somebody else, such as the app host, made it since: it is there, which is all that is wanted.
            await ExistsAsync(server, $"SELECT 1 FROM pg_database WHERE datname = '{ConnectionStrings.Database}'", cancellationToken);
        }
    }

    private static Task CloseToEverybodyAsync(NpgsqlConnection database, CancellationToken cancellationToken) => ExecuteAsync(database, $"""
        REVOKE ALL ON DATABASE {ConnectionStrings.Database} FROM PUBLIC;
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
        """, cancellationToken);

    private static async Task MakeRoleAsync(NpgsqlConnection database, ServiceRole role, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(database, $"SELECT 1 FROM pg_roles WHERE rolname = '{role.Name}'", cancellationToken))
        {
            await ExecuteAsync(database, $"CREATE ROLE {role.Name}", cancellationToken);
        }

        // A new role has none of these rights. One that has them was made by somebody else for something else.
        if (await ExistsAsync(database, $"SELECT 1 FROM pg_roles WHERE rolname = '{role.Name}' AND (rolsuper OR rolreplication OR rolbypassrls)", cancellationToken))
        {
            throw new ProvisioningException($"The Postgres role {role.Name} is a superuser or may replicate or bypass row security. Take that from it, or rename it.");
        }

        await ExecuteAsync(database, $"""
            ALTER ROLE {role.Name} LOGIN NOCREATEDB NOCREATEROLE CONNECTION LIMIT {role.ConnectionLimit} PASSWORD '{ScramVerifier.Of(role.Password)}';
            GRANT CONNECT ON DATABASE {ConnectionStrings.Database} TO {role.Name};
            ALTER ROLE {role.Name} IN DATABASE {ConnectionStrings.Database} SET search_path = {role.Name};
            ALTER ROLE {role.Name} IN DATABASE {ConnectionStrings.Database} SET idle_in_transaction_session_timeout = '60s';
            ALTER ROLE {role.Name} IN DATABASE {ConnectionStrings.Database} SET synchronous_commit = 'on';
            """, cancellationToken);
    }

    private static async Task MakeSchemaAsync(NpgsqlConnection database, string service, CancellationToken cancellationToken)
    {
        // Only a member of a role may give it a schema. A superuser needs no membership, a managed server's administrator does.
        if (!await ExistsAsync(database, $"SELECT 1 WHERE pg_has_role(current_user, '{service}', 'MEMBER')", cancellationToken))
        {
            await ExecuteAsync(database, $"GRANT {service} TO CURRENT_USER", cancellationToken);
        }

        await ExecuteAsync(database, $"""
            CREATE SCHEMA IF NOT EXISTS {service} AUTHORIZATION {service};
            ALTER SCHEMA {service} OWNER TO {service};
            REVOKE ALL ON SCHEMA {service} FROM PUBLIC;
            """, cancellationToken);
    }

    /// <summary>Statements are put together from the platform's own names only; DDL takes no parameters.</summary>
    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

#pragma warning disable CA2100 // See above: no input reaches a statement.
    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql) => new(sql, connection);
#pragma warning restore CA2100

    private static partial class Log
    {
        [LoggerMessage(6403, LogLevel.Information, "Postgres has role and schema {Role}")]
        public static partial void RoleProvisioned(ILogger logger, string role);
    }
}
