using System.Globalization;
using AgentPlatform.Streams;

namespace AgentPlatform.Benchmarks.Shared;

/// <summary>A Postgres and a Redis of this machine's own programs, as a careful operator runs them: what is committed is on disk.</summary>
internal sealed class Stores : IAsyncDisposable
{
    private const string PostgresPassword = "benchmark";

    private readonly string _directory;
    private readonly Child _postgres;
    private readonly Child _redis;

    private Stores(string directory, Child postgres, int postgresPort, Child redis, int redisPort)
    {
        (_directory, _postgres, _redis) = (directory, postgres, redis);
        Postgres = string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={postgresPort};Username=postgres;Password={PostgresPassword};Database=postgres");
        Redis = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{redisPort}");
    }

    public string Postgres { get; }

    public string Redis { get; }

    public TimeSpan PostgresCpu => _postgres.Cpu;

    public TimeSpan RedisCpu => _redis.Cpu;

    /// <summary>Starts both in a temporary directory.</summary>
    public static async Task<Stores> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("ap-bench-").FullName;
        var passwordFile = Path.Combine(directory, "password");
        await File.WriteAllTextAsync(passwordFile, PostgresPassword);
        if (Environment.IsPrivilegedProcess)
        {
            await Child.RunAsync(["chown", "-R", "postgres", directory], "/");
        }

        var data = Path.Combine(directory, "postgres");
        await Child.RunAsync(AsPostgres([PostgresProgram("initdb"), "--pgdata", data, "--username", "postgres", "--pwfile", passwordFile, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"]), "/");
        var (postgresPort, redisPort) = (Child.FreePort(), Child.FreePort());

        // Postgres' defaults, of which fsync and synchronous_commit are the ones that matter here.
        var (postgres, _) = await Child.StartAsync(
            AsPostgres([PostgresProgram("postgres"), "-D", data, "-p", $"{postgresPort}", "-k", directory, "-c", "listen_addresses=127.0.0.1"]),
            [], "/", line => line.Contains("ready to accept connections", StringComparison.Ordinal));

        // As the app host runs it.
        var (redis, _) = await Child.StartAsync(
            ["redis-server", "--bind", "127.0.0.1", "--port", $"{redisPort}", "--dir", directory, "--save", "60", "1"],
            [], directory, line => line.Contains("Ready to accept connections", StringComparison.Ordinal));
        return new Stores(directory, postgres, postgresPort, redis, redisPort);
    }

    /// <summary>Takes every entry off a stream.</summary>
    public Task EmptyAsync(StreamName stream) => Child.RunAsync(["redis-cli", "-h", Redis.Split(':')[0], "-p", Redis.Split(':')[1], "XTRIM", stream.Key, "MAXLEN", "0"], "/");

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _postgres.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    // Postgres refuses to run as root.
    private static string[] AsPostgres(string[] command) => Environment.IsPrivilegedProcess
        ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--", .. command]
        : command;

    // Debian keeps the programs of each version apart and off the path.
    private static string PostgresProgram(string name) =>
        (Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Order().Select(version => Path.Combine(version, "bin", name)).LastOrDefault(File.Exists) : null) ?? name;
}
