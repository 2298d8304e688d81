using System.Globalization;
using AgentPlatform.Benchmarks.Shared;
using Npgsql;

namespace AgentPlatform.Benchmarks.Throughput;

/// <summary>What the platform did.</summary>
/// <param name="Count">Runs.</param>
/// <param name="PerSecond">Runs a second, from the first webhook's sending to the last conclusion.</param>
/// <param name="ReportedPerSecond">The same to the moment when the last report was settled.</param>
/// <param name="AcceptedPerSecond">Webhooks a second, from the first's sending to the last's 202.</param>
/// <param name="Cpu">Processor time of each process, until the last report.</param>
/// <param name="Calls">Calls to GitHub's API, by kind.</param>
/// <param name="Database">Transactions, rows and spans in Postgres.</param>
internal sealed record ThroughputResult(
    int Count, double PerSecond, double ReportedPerSecond, double AcceptedPerSecond, IReadOnlyDictionary<string, TimeSpan> Cpu,
    IReadOnlyDictionary<string, int> Calls, IReadOnlyDictionary<string, long> Database);

/// <summary>
/// Runs of an empty workflow through the whole road: signed webhook, delivery row, stream, pull request and policy from GitHub's API, run, admission, stream,
/// worker, conclusion, and the report on its check. Beside it, empty jobs of graphile-worker on the same Postgres.
/// </summary>
internal static class ThroughputBenchmark
{
    private const string Policy = "version: 1\nworkflows:\n  empty:\n    steps: []\n";
    public const int Repositories = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public static async Task<int> RunAsync(string[] options)
    {
        var runs = Options.Number(options, "--runs", 1000);
        var warmUp = Options.Number(options, "--warm-up", 300);
        var connections = Options.Number(options, "--connections", 32);
        var jobs = Options.Number(options, "--jobs", 5000);
        await using var stores = await Stores.StartAsync();
        var report = new ThroughputReport(connections);
        if (jobs > 0)
        {
            var peer = await PeerRun.InstallAsync(stores);
            foreach (var setup in (PeerSetup[])[new(1, false, true), new(10, false, true), new(24, true, true), new(10, false, false), new(24, true, false)])
            {
                var result = await peer.RunAsync(setup, setup.Jobs == 1 ? jobs / 4 : jobs, connections);
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"graphile-worker, {setup.Name}, {(setup.OneByOne ? "one by one" : "bulk")}: {result.PerSecond:F0}/s"));
                report.Add(result);
            }
        }

        await using var platform = await Platform.StartAsync(stores, host: false, new()
        {
            ["Scheduler__Admission__ActiveMax"] = "256",
            ["Scheduler__Admission__ActivePerRepositoryMax"] = "32",
            ["Scheduler__Worker__RunsMax"] = "256",
        });
        using var github = new Emulator(platform.Emulators);
        var requests = await PrepareAsync(github, warmUp + runs);
        Console.Error.WriteLine($"{requests.Count} pull requests are open");
        await using var database = NpgsqlDataSource.Create(stores.Postgres);
        if (warmUp > 0)
        {
            await MeasureAsync(platform, github, database, requests[..warmUp], connections);
        }

        var measured = await MeasureAsync(platform, github, database, requests[warmUp..], connections);
        await CheckAsync(database, warmUp + runs);
        foreach (var (name, child) in platform.Programs)
        {
            foreach (var line in child.Output.Where(line => line.Contains("warn:", StringComparison.Ordinal) || line.Contains("fail:", StringComparison.Ordinal)).Take(5))
            {
                Console.Error.WriteLine($"{name}: {line}");
            }
        }

        return await report.WriteAsync(measured, stores.Postgres, Options.Text(options, "--out"));
    }

    /// <summary>Opens pull requests, each with a commit of its own, and signs the webhooks of their opening.</summary>
    private static async Task<List<byte[]>> PrepareAsync(Emulator github, int count)
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, Repositories), async (index, _) =>
        {
            var name = $"repository-{index}";
            await github.CreateRepositoryAsync($"owner-{index}", name, Policy);
            for (var number = index; number < count; number += Repositories)
            {
                await github.CommitAsync($"owner-{index}/{name}", $"change-{number}", $"{number}\n");
                await github.OpenPullAsync($"owner-{index}/{name}", $"change-{number}");
            }
        });
        return [.. (await github.OpenedAsync()).Select(pull => WebhookRequest.Of(pull.Payload))];
    }

    private static async Task<ThroughputResult> MeasureAsync(
        Platform platform, Emulator github, NpgsqlDataSource database, IReadOnlyList<byte[]> requests, int connections)
    {
        await github.TakeCallsAsync();
        var (cpu, before) = (platform.Cpu(), await CountersAsync(database));
        var (first, accepted) = await WebhookRequest.SendAllAsync(platform.Webhooks, requests, connections);
        var reported = await SettledAsync(database, requests.Count, before["runs"]);
        var after = await CountersAsync(database);
        var used = platform.Cpu().ToDictionary(process => process.Key, process => process.Value - cpu[process.Key]);
        await using var last = database.CreateCommand("SELECT max(concluded_at) FROM scheduler.runs");
        var concluded = new DateTimeOffset((DateTime)(await last.ExecuteScalarAsync())!);
        var result = new ThroughputResult(
            requests.Count, requests.Count / (concluded - first).TotalSeconds, requests.Count / (reported - first).TotalSeconds,
            requests.Count / (accepted - first).TotalSeconds, used, await github.TakeCallsAsync(),
            after.ToDictionary(counter => counter.Key, counter => counter.Value - before[counter.Key]));
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Count} runs: {result.PerSecond:F0}/s concluded, {result.ReportedPerSecond:F0}/s reported; {string.Join(", ", used.Select(process => string.Create(CultureInfo.InvariantCulture, $"{process.Key} {process.Value.TotalMilliseconds / result.Count:F2}")))} ms each; {string.Join(", ", result.Database.Select(counter => string.Create(CultureInfo.InvariantCulture, $"{counter.Key} {(double)counter.Value / result.Count:F2}")))}; {string.Join(", ", result.Calls.Select(call => string.Create(CultureInfo.InvariantCulture, $"{call.Key} {(double)call.Value / result.Count:F2}")))}"));
        return result;
    }

    /// <summary>Waits until every run is concluded and its report settled.</summary>
    private static async Task<DateTimeOffset> SettledAsync(NpgsqlDataSource database, int count, long before)
    {
        var limit = TimeProvider.System.GetUtcNow() + Patience;
        await using var settled = database.CreateCommand("SELECT count(*) FROM scheduler.runs WHERE phase = 'concluded' AND report = 'settled'");
        while ((long)(await settled.ExecuteScalarAsync())! < before + count)
        {
            if (TimeProvider.System.GetUtcNow() > limit)
            {
                throw new InvalidOperationException($"{await settled.ExecuteScalarAsync()} of {before + count} runs were reported in {Patience}.");
            }

            await Task.Delay(Look);
        }

        return TimeProvider.System.GetUtcNow();
    }

    private static async Task<Dictionary<string, long>> CountersAsync(NpgsqlDataSource database)
    {
        // What a session counted appears a moment after it fell idle.
        await Task.Delay(TimeSpan.FromSeconds(1));
        await using var query = database.CreateCommand(
            """
            SELECT (SELECT count(*) FROM scheduler.runs), xact_commit, (SELECT count(*) FROM scheduler.run_events), (SELECT count(*) FROM scheduler.spans)
            FROM pg_stat_database WHERE datname = current_database()
            """);
        await using var row = await query.ExecuteReaderAsync();
        await row.ReadAsync();
        return new() { ["runs"] = row.GetInt64(0), ["transactions"] = row.GetInt64(1), ["events"] = row.GetInt64(2), ["spans"] = row.GetInt64(3) };
    }

    /// <summary>Nothing was lost, nothing happened twice, and everything was said.</summary>
    private static async Task CheckAsync(NpgsqlDataSource database, int count)
    {
        await using var query = database.CreateCommand(
            """
            SELECT count(*), count(DISTINCT (repository_id, subject)), count(*) FILTER (WHERE conclusion = 'success' AND faults = 0), count(DISTINCT check_run_id),
                   (SELECT count(*) FROM scheduler.handled_deliveries), (SELECT count(*) FROM webhooks.deliveries)
            FROM scheduler.runs
            """);
        await using var row = await query.ExecuteReaderAsync();
        await row.ReadAsync();
        for (var column = 0; column < row.FieldCount; column++)
        {
            if (row.GetInt64(column) != count)
            {
                throw new InvalidOperationException($"Column {column} of the check is {row.GetInt64(column)}, not {count}.");
            }
        }
    }
}
