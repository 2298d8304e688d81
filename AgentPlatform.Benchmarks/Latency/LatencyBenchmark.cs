using System.Globalization;
using System.IO.Compression;
using System.Net.Sockets;
using AgentPlatform.Benchmarks.Shared;
using Npgsql;

namespace AgentPlatform.Benchmarks.Latency;

/// <summary>One run: how long it took from the 202 to its step's first process, and where its spans and events lie, from the 202 on.</summary>
internal sealed record Sample(double ToProcess, IReadOnlyList<Mark> Marks);

/// <summary>A span, or an event of the run's history, which has no duration.</summary>
/// <param name="Name">What it is, without ids.</param>
/// <param name="Begin">Milliseconds after the 202; before it if negative.</param>
/// <param name="Duration">Milliseconds.</param>
internal sealed record Mark(string Name, double Begin, double? Duration);

/// <summary>
/// From a webhook's 202 to the first process of its run's first step, in a fresh instance, over the whole real road: Webhooks, Redis, Scheduler, a host with
/// the Linux driver, and the GitHub emulator. The step prints the time, so what is measured includes the start of the shell and of <c>date</c>.
/// </summary>
internal static class LatencyBenchmark
{
    private const string Policy = "version: 1\nsteps:\n- name: clock\n  run: exec date +%s%N\n";
    private const string Repository = "owner/repository";
    private const int SharedCommits = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Calm = TimeSpan.FromMilliseconds(50);

    public static async Task<int> RunAsync(string[] options)
    {
        var runs = Options.Number(options, "--runs", 100);
        var warmUp = Options.Number(options, "--warm-up", 60);
        await using var stores = await Stores.StartAsync();
        await using var platform = await Platform.StartAsync(stores, host: true, []);
        using var github = new Emulator(platform.Emulators);
        await using var database = NpgsqlDataSource.Create(stores.Postgres);
        await github.CreateRepositoryAsync("owner", "repository", Policy);
        await HostAsync(database);

        // Pull requests on one commit find it in the mirror, as another workflow or another attempt does. Those on commits of their own must fetch first.
        var report = new LatencyReport();
        for (var shared = 0; shared < SharedCommits; shared++)
        {
            await github.CommitAsync(Repository, $"shared-{shared}", $"{shared}, shared\n");
        }

        static string Shared(int number) => $"shared-{number % SharedCommits}";
        await RunAllAsync(platform, github, database, 0, warmUp, Shared);
        report.Add("the commit is in the mirror", await RunAllAsync(platform, github, database, warmUp, runs, Shared), floors: true);
        report.Add("the commit must be fetched", await RunAllAsync(platform, github, database, warmUp + runs, runs, async number =>
        {
            await github.CommitAsync(Repository, $"change-{number}", $"{number}\n");
            return $"change-{number}";
        }), floors: false);
        return await report.WriteAsync(stores.Postgres, Options.Text(options, "--out"));
    }

    private static Task<List<Sample>> RunAllAsync(
        Platform platform, Emulator github, NpgsqlDataSource database, int first, int count, Func<int, string> branch) =>
        RunAllAsync(platform, github, database, first, count, number => Task.FromResult(branch(number)));

    private static async Task<List<Sample>> RunAllAsync(
        Platform platform, Emulator github, NpgsqlDataSource database, int first, int count, Func<int, Task<string>> branch)
    {
        for (var number = first; number < first + count; number++)
        {
            await github.OpenPullAsync(Repository, await branch(number));
        }

        var pulls = (await github.OpenedAsync()).Skip(first).Select(pull => (pull.Number, Request: WebhookRequest.Of(pull.Payload))).ToList();
        using var socket = await WebhookRequest.ConnectAsync(platform.Webhooks);
        var samples = new List<(int Number, DateTimeOffset Accepted)>();
        foreach (var (number, request) in pulls)
        {
            samples.Add((number, await RunOneAsync(socket, database, number, request)));
        }

        // Spans come to the run's history a moment after its end.
        await Task.Delay(TimeSpan.FromSeconds(2));
        var read = new List<Sample>();
        foreach (var (number, accepted) in samples)
        {
            read.Add(await ReadAsync(database, number, accepted));
        }

        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{count} runs: p50 {Percentiles.Median(read.Select(sample => sample.ToProcess)):F1} ms, p99 {Percentiles.At(read.Select(sample => sample.ToProcess), 0.99):F1} ms"));
        return read;
    }

    /// <returns>When the 202 was there.</returns>
    private static async Task<DateTimeOffset> RunOneAsync(Socket socket, NpgsqlDataSource database, int number, byte[] request)
    {
        await WebhookRequest.SendAsync(socket, request, new byte[8 * 1024]);
        var accepted = TimeProvider.System.GetUtcNow();
        await Task.Delay(Calm * 2);
        await using var done = database.CreateCommand(
            "SELECT EXISTS (SELECT 1 FROM scheduler.runs WHERE subject = $1 AND phase = 'concluded' AND cleaned_at IS NOT NULL AND report = 'settled')");
        done.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"pr/{number}" });
        while (!(bool)(await done.ExecuteScalarAsync())!)
        {
            if (TimeProvider.System.GetUtcNow() - accepted > Patience)
            {
                throw new InvalidOperationException($"The run of pull request {number} did not end within {Patience}.");
            }

            await Task.Delay(Look);
        }

        await Task.Delay(Calm);
        return accepted;
    }

    private static async Task<Sample> ReadAsync(NpgsqlDataSource database, int number, DateTimeOffset accepted)
    {
        await using var step = database.CreateCommand(
            "SELECT s.log FROM scheduler.runs r JOIN scheduler.steps s ON s.run_id = r.id WHERE r.subject = $1 AND r.conclusion = 'success' AND r.faults = 0");
        step.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"pr/{number}" });
        var log = (byte[]?)await step.ExecuteScalarAsync() ?? throw new InvalidOperationException($"The run of pull request {number} did not succeed at once.");
        using var brotli = new StreamReader(new BrotliStream(new MemoryStream(log), CompressionMode.Decompress));
        var nanoseconds = long.Parse((await brotli.ReadToEndAsync()).Trim(), CultureInfo.InvariantCulture);

        await using var marks = database.CreateCommand(
            """
            SELECT 'event: ' || e.kind || CASE WHEN e.kind = 'step.changed' THEN ' ' || (e.data -> 'step' ->> 'state') ELSE '' END, e.time, NULL::timestamptz, NULL
            FROM scheduler.run_events e JOIN scheduler.runs r ON r.id = e.run_id WHERE r.subject = $1
            UNION ALL
            SELECT s.service || ': ' || s.name, s.started_at, s.ended_at, coalesce(s.attributes ->> 'url.full', s.attributes ->> 'url.path')
            FROM scheduler.spans s JOIN scheduler.runs r ON r.id = s.run_id WHERE r.subject = $1 AND s.ended_at IS NOT NULL
            """);
        marks.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"pr/{number}" });
        await using var row = await marks.ExecuteReaderAsync();
        var found = new List<Mark>();
        while (await row.ReadAsync())
        {
            var began = Since(accepted, row.GetFieldValue<DateTime>(1));
            double? took = row.IsDBNull(2) ? null : Since(accepted, row.GetFieldValue<DateTime>(2)) - began;
            var path = row.IsDBNull(3) ? "" : Uri.TryCreate(row.GetString(3), UriKind.Absolute, out var url) ? url.AbsolutePath : row.GetString(3);
            found.Add(new Mark(path.Length > 0 ? $"{row.GetString(0).Split(" /")[0]} {PathShape.Of(path)}" : row.GetString(0), began, took));
        }

        return new Sample((nanoseconds / 1e6) - (accepted - DateTimeOffset.UnixEpoch).TotalMilliseconds, found);
    }

    private static double Since(DateTimeOffset accepted, DateTime time) => (new DateTimeOffset(time) - accepted).TotalMilliseconds;

    private static async Task HostAsync(NpgsqlDataSource database)
    {
        var limit = TimeProvider.System.GetUtcNow() + Patience;
        await using var enrolled = database.CreateCommand("SELECT count(*) FROM scheduler.hosts WHERE capacity > 0");
        while ((long)(await enrolled.ExecuteScalarAsync())! == 0)
        {
            if (TimeProvider.System.GetUtcNow() > limit)
            {
                throw new InvalidOperationException("No host enrolled that can hold instances: the Linux driver needs its tools and rights.");
            }

            await Task.Delay(Look * 10);
        }
    }
}
