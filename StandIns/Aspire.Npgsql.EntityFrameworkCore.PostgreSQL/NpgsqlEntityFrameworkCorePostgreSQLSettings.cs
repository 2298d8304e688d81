namespace Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;

/// <summary>
/// Settings of a database context. Read from <c>Aspire:Npgsql:EntityFrameworkCore:PostgreSQL</c>, then its part named as the connection,
/// then its part named as the context; <c>ConnectionStrings:{name}</c> and code come last.
/// </summary>
public sealed class NpgsqlEntityFrameworkCorePostgreSQLSettings
{
    /// <summary>How to reach the database. Missing, it fails when a context is asked for.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Whether failed commands are not repeated. Default: false. With repeats, transactions need an execution strategy.</summary>
    public bool DisableRetry { get; set; }

    /// <summary>Whether there is no health check. Default: false.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Whether commands are not traced. Default: false.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Whether connections and commands are not measured. Default: false.</summary>
    public bool DisableMetrics { get; set; }

    /// <summary>How long a command may take, in seconds. Default: null, Npgsql's 30.</summary>
    public int? CommandTimeout { get; set; }
}
