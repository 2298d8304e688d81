using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Npgsql;

namespace AgentPlatform.Benchmarks.Intake;

/// <summary>The table of an intake benchmark.</summary>
internal sealed class IntakeReport(int payloadBytes, int connections, int seconds)
{
    private readonly List<(LoadResult Peer, LoadResult Ours)> _rounds = [];
    private readonly List<(double Peer, double Service, double Postgres, double Redis)> _cpu = [];
    private string _settings = "";

    public void Add(LoadResult peer, TimeSpan peerCpu, LoadResult ours, IntakeCpu cpu)
    {
        _rounds.Add((peer, ours));
        _cpu.Add((Each(peerCpu, peer), Each(cpu.Service, ours), Each(cpu.Postgres, ours), Each(cpu.Redis, ours)));
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"round {_rounds.Count}: octokit {peer.PerSecond:F0}/s p99 {peer.P99:F1} ms ({Each(peer.Cpu, peer):F0} + {_cpu[^1].Peer:F0} us), ours {ours.PerSecond:F0}/s p99 {ours.P99:F1} ms ({Each(ours.Cpu, ours):F0} + {_cpu[^1].Service:F0} + {_cpu[^1].Postgres:F0} + {_cpu[^1].Redis:F0} us), {ours.PerSecond / peer.PerSecond:F2} of its rate"));
    }

    private static double Each(TimeSpan cpu, LoadResult result) => cpu.TotalMicroseconds / result.Count;

    /// <summary>Makes sure that every delivery that was answered 202 is in the database, as work, and that the database was not told to forget.</summary>
    public async Task CheckAsync(string postgres, int answered)
    {
        await using var source = NpgsqlDataSource.Create(postgres);
        await using var count = source.CreateCommand("SELECT count(*) FROM webhooks.deliveries WHERE state = 'pending'");
        var stored = (long)(await count.ExecuteScalarAsync())!;
        if (stored != answered)
        {
            throw new InvalidOperationException($"{answered} deliveries were answered 202, but {stored} are stored.");
        }

        await using var settings = source.CreateCommand(
            "SELECT string_agg(name || ' ' || setting, ', ' ORDER BY name) FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'server_version')");
        _settings = (string)(await settings.ExecuteScalarAsync())!;
    }

    public string Write()
    {
        var text = new StringBuilder();
        text.AppendLine("# Durable intake");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"A `pull_request.opened` payload of {payloadBytes} bytes, signed beforehand, each with its own GUID and number; {connections} connections in a closed loop on loopback, {seconds} s for each run, the two in turns.");
        text.AppendLine("`@octokit/webhooks` verifies, parses and stores nothing. Services.Webhooks verifies, parses, commits to Postgres before its 202, and publishes to Redis.");
        text.AppendLine("Afterwards the stored deliveries are counted: as many as were answered 202.");
        text.AppendLine();
        text.AppendLine("| round | octokit /s | p50 ms | p99 ms | max ms | ours /s | p50 ms | p99 ms | max ms | of octokit's rate |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        for (var i = 0; i < _rounds.Count; i++)
        {
            var (peer, ours) = _rounds[i];
            text.AppendLine(CultureInfo.InvariantCulture, $"| {i + 1} | {Cells(peer)} | {Cells(ours)} | {ours.PerSecond / peer.PerSecond:F2} |");
        }

        var ratio = Median(_rounds.Select(round => round.Ours.PerSecond / round.Peer.PerSecond));
        var p99 = Median(_rounds.Select(round => round.Ours.P99));
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Median: **{ratio:F2}** of octokit's rate (floor 0.6, goal 1.0) at a p99 of **{p99:F1} ms** (floor 25 ms).");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Processor time of a delivery, median: octokit {Median(_cpu.Select(cpu => cpu.Peer)):F0} us; Services.Webhooks {Median(_cpu.Select(cpu => cpu.Service)):F0} us, Postgres {Median(_cpu.Select(cpu => cpu.Postgres)):F0} us, Redis {Median(_cpu.Select(cpu => cpu.Redis)):F0} us.");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Machine: {Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, .NET {Environment.Version}. Postgres: {_settings}. Load, services and stores share the machine.");
        text.AppendLine();
        text.AppendLine("Repeat with `dotnet run -c Release --project AgentPlatform.Benchmarks -- intake --out AgentPlatform.Benchmarks/results/intake.md` (needs Node with npm, and Postgres' and Redis' server programs).");
        return text.ToString();
    }

    private static string Cells(LoadResult result) => string.Create(CultureInfo.InvariantCulture, $"{result.PerSecond:F0} | {result.Median:F1} | {result.P99:F1} | {result.Max:F0}");

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}

/// <summary>Processor time of the three that take part.</summary>
internal sealed record IntakeCpu(TimeSpan Service, TimeSpan Postgres, TimeSpan Redis);
