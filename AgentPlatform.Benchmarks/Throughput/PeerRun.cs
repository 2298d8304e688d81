using System.Diagnostics;
using System.Globalization;
using AgentPlatform.Benchmarks.Shared;
using Npgsql;

namespace AgentPlatform.Benchmarks.Throughput;

/// <summary>How graphile-worker is set up, and how its jobs come.</summary>
/// <param name="Jobs">Jobs at a time.</param>
/// <param name="Tuned">With a local queue and batched completion, as its documentation on performance recommends; else as it comes.</param>
/// <param name="OneByOne">Each job in a transaction of its own, over as many connections as webhooks come; else in bulk.</param>
internal sealed record PeerSetup(int Jobs, bool Tuned, bool OneByOne)
{
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Jobs} at a time, {(Tuned ? "local queue 500 and batched completion" : "otherwise as it comes")}");
}

/// <summary>What the peer did: the rate is over the time from the first job's adding to the last job's end.</summary>
internal sealed record PeerResult(PeerSetup Setup, double PerSecond, TimeSpan NodeCpu, TimeSpan PostgresCpu, int Count);

/// <summary>Empty jobs of graphile-worker, on the same Postgres.</summary>
internal sealed class PeerRun(string directory, Stores stores)
{
    public const string Version = "0.17.3";
    private const int BulkMax = 1000;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>Gets graphile-worker into a directory that is kept between runs.</summary>
    public static async Task<PeerRun> InstallAsync(Stores stores)
    {
        var directory = Path.Combine(Path.GetTempPath(), $"agentplatform-bench-graphile-worker-{Version}");
        Directory.CreateDirectory(directory);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Throughput", "graphile-worker.mjs"), Path.Combine(directory, "worker.mjs"), overwrite: true);
        if (!Directory.Exists(Path.Combine(directory, "node_modules", "graphile-worker")))
        {
            await File.WriteAllTextAsync(Path.Combine(directory, "package.json"), """{"private":true}""");
            await Child.RunAsync(["npm", "install", "--no-audit", "--no-fund", "--no-save", $"graphile-worker@{Version}"], directory);
        }

        return new PeerRun(directory, stores);
    }

    /// <summary>Runs empty jobs: some to warm up, then those that count.</summary>
    public async Task<PeerResult> RunAsync(PeerSetup setup, int count, int connections)
    {
        var postgres = new NpgsqlConnectionStringBuilder(stores.Postgres);
        var url = string.Create(CultureInfo.InvariantCulture, $"postgres://{postgres.Username}:{postgres.Password}@{postgres.Host}:{postgres.Port}/{postgres.Database}");
        var (node, _) = await Child.StartAsync(
            ["node", "worker.mjs", url, $"{setup.Jobs}", setup.Tuned ? "tuned" : "default"], new() { ["NODE_ENV"] = "production" }, directory, line => line == "ready");
        await using var worker = node;
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(stores.Postgres) { MaxPoolSize = connections + 1, MaxAutoPrepare = 10 }.ConnectionString);
        await AddAsync(source, setup, count / 4, connections);
        await DrainAsync(source);

        var (nodeCpu, postgresCpu, started) = (worker.Cpu, stores.PostgresCpu, Stopwatch.GetTimestamp());
        await AddAsync(source, setup, count, connections);
        await DrainAsync(source);
        var elapsed = Stopwatch.GetElapsedTime(started);
        return new PeerResult(setup, count / elapsed.TotalSeconds, worker.Cpu - nodeCpu, stores.PostgresCpu - postgresCpu, count);
    }

    private static async Task AddAsync(NpgsqlDataSource source, PeerSetup setup, int count, int connections)
    {
        if (!setup.OneByOne)
        {
            for (var added = 0; added < count; added += BulkMax)
            {
                await using var bulk = source.CreateCommand(
                    "SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(SELECT json_populate_record(NULL::graphile_worker.job_spec, json_build_object('identifier', 'empty', 'payload', json_build_object())) FROM generate_series(1, $1)))");
                bulk.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Math.Min(BulkMax, count - added) });
                await bulk.ExecuteNonQueryAsync();
            }

            return;
        }

        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            await using var connection = await source.OpenConnectionAsync();
            await using var add = new NpgsqlCommand("SELECT 1 FROM graphile_worker.add_job('empty', '{}'::json)", connection);
            while (Interlocked.Increment(ref next) < count)
            {
                await add.ExecuteNonQueryAsync();
            }
        })));
    }

    // A job that is done is no longer there.
    private static async Task DrainAsync(NpgsqlDataSource source)
    {
        await using var left = source.CreateCommand("SELECT EXISTS (SELECT 1 FROM graphile_worker._private_jobs)");
        while ((bool)(await left.ExecuteScalarAsync())!)
        {
            await Task.Delay(Look);
        }
    }
}
