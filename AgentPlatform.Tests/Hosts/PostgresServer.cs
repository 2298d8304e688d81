using System.Security.Cryptography;
using Npgsql;

namespace AgentPlatform.Tests.Hosts;

/// <summary>
/// A Postgres of the machine's own programs on a free loopback port, reached by password. <see cref="SharedAsync"/> gives the one that all
/// tests of this process share, each with a database of its own; what changes the cluster itself (roles, restarts) starts its own.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    // Postgres refuses to run as root, so root hands the directory to its user. A test's data need not survive the machine; they do survive
    // the server's crash, hence no asynchronous commits.
    private const string Launch = """
        directory=$1 port=$2 programs=$3
        if [ "$(id -u)" = 0 ]; then
          chown -R postgres:postgres "$directory" || exit 1
          as="setpriv --reuid postgres --regid postgres --clear-groups --"
        fi
        [ -e "$directory/data/PG_VERSION" ] || $as "$programs/initdb" --pgdata "$directory/data" --username postgres --pwfile "$directory/password" \
          --auth scram-sha-256 --encoding UTF8 --locale C --no-sync --no-instructions || exit 1
        exec $as "$programs/postgres" -D "$directory/data" -p "$port" -k "$directory" -c listen_addresses=127.0.0.1 \
          -c max_connections=300 -c shared_buffers=32MB -c fsync=off -c full_page_writes=off
        """;

    private static readonly Lazy<Task<PostgresServer>> Shared = new(StartAsync);

    private readonly string _directory;
    private ServerProcess _process;
    private int _databases;

    private PostgresServer(string directory, int port, string password, ServerProcess process)
    {
        _directory = directory;
        _process = process;
        Port = port;
        Password = password;
    }

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>The password of the administrator, whose name is "postgres".</summary>
    public string Password { get; }

    /// <summary>Reaches the database "postgres" as the administrator.</summary>
    public string ConnectionString => ConnectionStringTo("postgres");

    /// <summary>The server that all tests of this process share. It ends with the process.</summary>
    public static Task<PostgresServer> SharedAsync() => Shared.Value;

    /// <summary>A fresh database on the shared server, dropped when it is disposed.</summary>
    public static async Task<PostgresDatabase> FreshDatabaseAsync() => await (await SharedAsync()).CreateDatabaseAsync();

    /// <summary>Starts a server of one's own.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("ap-pg-").FullName;
        var password = RandomNumberGenerator.GetHexString(24, lowercase: true);
        await File.WriteAllTextAsync(Path.Combine(directory, "password"), password);
        var port = ServerProcess.FreePort();
        return new PostgresServer(directory, port, password, await LaunchAsync(directory, port));
    }

    /// <summary>A fresh database, dropped when it is disposed.</summary>
    public async Task<PostgresDatabase> CreateDatabaseAsync()
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync($"""CREATE DATABASE "{name}" STRATEGY wal_log""");
        return new PostgresDatabase(this, name);
    }

    /// <summary>Runs one statement as the administrator in the database "postgres".</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Reaches a database as the administrator.</summary>
    public string ConnectionStringTo(string database) =>
        $"Host=127.0.0.1;Port={Port};Username=postgres;Password={Password};Database={database}";

    /// <summary>Ends the server, in order or as a crash would. Its data stay.</summary>
    public Task StopAsync(bool crash = false) => crash ? _process.KillAsync() : _process.StopAsync();

    /// <summary>Starts the stopped server again, on the same port and data.</summary>
    public async Task StartAgainAsync() => _process = await LaunchAsync(_directory, Port);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static Task<ServerProcess> LaunchAsync(string directory, int port) =>
        ServerProcess.StartAsync(directory, ["/bin/sh", "-c", Launch, "sh", directory, $"{port}", ProgramDirectory()]);

    // Debian keeps the programs of each version apart and off the path.
    private static string ProgramDirectory()
    {
        IEnumerable<string> directories =
        [
            .. Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Order().Reverse().Select(version => $"{version}/bin") : [],
            .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        ];
        return directories.FirstOrDefault(directory => File.Exists(Path.Combine(directory, "initdb")))
            ?? throw new InvalidOperationException("'initdb' was not found: install PostgreSQL's server (./dev setup).");
    }
}

/// <summary>A database of one test.</summary>
public sealed class PostgresDatabase(PostgresServer server, string name) : IAsyncDisposable
{
    public PostgresServer Server { get; } = server;

    public string Name { get; } = name;

    /// <summary>Reaches the database as the administrator.</summary>
    public string ConnectionString => Server.ConnectionStringTo(Name);

    public async ValueTask DisposeAsync()
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        NpgsqlConnection.ClearPool(connection);
        await Server.ExecuteAsync($"""DROP DATABASE "{Name}" WITH (FORCE)""");
    }
}
