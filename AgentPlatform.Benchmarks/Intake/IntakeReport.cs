using System.Globalization;
using System.Text;
using AgentPlatform.Benchmarks.Shared;
using Npgsql;

namespace AgentPlatform.Benchmarks.Intake;

/// <summary>The table of an intake benchmark.</summary>
internal sealed class IntakeReport(int payloadBytes, int connections, int seconds, int warmUpSeconds)
{
    private readonly List<(LoadResult Peer, LoadResult Ours)> _rounds = [];
    private readonly List<(double PeerLoad, double Peer, double Load, double Service, double Postgres, double Redis)> _cpu = [];

    public void Add(LoadResult peer, TimeSpan peerCpu, LoadResult ours, IntakeCpu cpu)
    {
        _rounds.Add((peer, ours));
        _cpu.Add((Each(peer.Cpu, peer), Each(peerCpu, peer), Each(ours.Cpu, ours), Each(cpu.Service, ours), Each(cpu.Postgres, ours), Each(cpu.Redis, ours)));
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"round {_rounds.Count}: octokit {peer.PerSecond:F0}/s p99 {peer.P99:F1} ms ({_cpu[^1].PeerLoad:F0} + {_cpu[^1].Peer:F0} us), ours {ours.PerSecond:F0}/s p99 {ours.P99:F1} ms ({_cpu[^1].Load:F0} + {_cpu[^1].Service:F0} + {_cpu[^1].Postgres:F0} + {_cpu[^1].Redis:F0} us), {ours.PerSecond / peer.PerSecond:F2} of its rate"));
    }

    private static double Each(TimeSpan cpu, LoadResult result) => cpu.TotalMicroseconds / result.Count;

    /// <summary>Makes sure that every delivery that was answered 202 is in the database, as work.</summary>
    public static async Task CheckAsync(string postgres, int answered)
    {
        await using var source = NpgsqlDataSource.Create(postgres);
        await using var count = source.CreateCommand("SELECT count(*) FROM webhooks.deliveries WHERE state = 'pending'");
        var stored = (long)(await count.ExecuteScalarAsync())!;
        if (stored != answered)
        {
            throw new InvalidOperationException($"{answered} deliveries were answered 202, but {stored} are stored.");
        }
    }

    /// <summary>Writes the table, and judges.</summary>
    public async Task<int> PublishAsync(string postgres, string? file)
    {
        var text = new StringBuilder();
        text.AppendLine("# Durable intake");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"A `pull_request.opened` payload of {payloadBytes} bytes, signed beforehand, each with its own GUID and number; {connections} connections in a closed loop on loopback, {seconds} s for each run after {warmUpSeconds} s of warming up, the two in turns.");
        text.AppendLine("The load is one thread on plain sockets that writes whole requests, the same for both.");
        text.AppendLine();
        text.AppendLine("`@octokit/webhooks` on Node verifies, parses and stores nothing. Services.Webhooks verifies, parses, commits to Postgres before its 202, and publishes to the Redis stream, with its");
        text.AppendLine("request spans recorded. No Scheduler reads the stream meanwhile: acknowledgements are no part of this; the stream is emptied between rounds. Afterwards the stored deliveries are counted: as many as were answered 202.");
        text.AppendLine();
        text.AppendLine("| round | octokit /s | p50 ms | p99 ms | max ms | ours /s | p50 ms | p99 ms | max ms | of octokit's rate |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        for (var i = 0; i < _rounds.Count; i++)
        {
            var (peer, ours) = _rounds[i];
            text.AppendLine(CultureInfo.InvariantCulture, $"| {i + 1} | {Cells(peer)} | {Cells(ours)} | {ours.PerSecond / peer.PerSecond:F2} |");
        }

        Verdict[] verdicts =
        [
            new("of octokit's rate, median", Percentiles.Median(_rounds.Select(round => round.Ours.PerSecond / round.Peer.PerSecond)), 0.6, 1.0, "", Higher: true),
            new("p99, median", Percentiles.Median(_rounds.Select(round => round.Ours.P99)), 25, 25, " ms", Higher: false),
        ];
        text.AppendLine();
        text.AppendLine(Verdict.Header);
        Array.ForEach(verdicts, verdict => text.AppendLine(verdict.Row));
        text.AppendLine();
        text.AppendLine("| processor time of a delivery, median, us | load | the service | Postgres | Redis |");
        text.AppendLine("|---|---|---|---|---|");
        text.AppendLine(CultureInfo.InvariantCulture, $"| octokit | {Percentiles.Median(_cpu.Select(cpu => cpu.PeerLoad)):F0} | {Percentiles.Median(_cpu.Select(cpu => cpu.Peer)):F0} | | |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| ours | {Percentiles.Median(_cpu.Select(cpu => cpu.Load)):F0} | {Percentiles.Median(_cpu.Select(cpu => cpu.Service)):F0} | {Percentiles.Median(_cpu.Select(cpu => cpu.Postgres)):F0} | {Percentiles.Median(_cpu.Select(cpu => cpu.Redis)):F0} |");
        text.AppendLine();
        text.AppendLine(await Machine.DescribeAsync(postgres));
        text.AppendLine();
        text.AppendLine("Repeat with `./dev bench intake` (needs Node with npm, and Postgres' and Redis' server programs).");
        return await Tables.PublishAsync(text.ToString(), verdicts, file);
    }

    private static string Cells(LoadResult result) => string.Create(CultureInfo.InvariantCulture, $"{result.PerSecond:F0} | {result.Median:F1} | {result.P99:F1} | {result.Max:F0}");
}

/// <summary>Processor time of the three that take part.</summary>
internal sealed record IntakeCpu(TimeSpan Service, TimeSpan Postgres, TimeSpan Redis);
