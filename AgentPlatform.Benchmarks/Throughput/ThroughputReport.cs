using System.Globalization;
using System.Text;
using AgentPlatform.Benchmarks.Shared;

namespace AgentPlatform.Benchmarks.Throughput;

/// <summary>The table of the throughput benchmark.</summary>
internal sealed class ThroughputReport(int connections)
{
    private readonly List<PeerResult> _peers = [];

    public void Add(PeerResult peer) => _peers.Add(peer);

    public async Task<int> WriteAsync(ThroughputResult ours, string postgres, string? file)
    {
        var text = new StringBuilder();
        text.AppendLine("# Runs of an empty workflow through the whole road");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{ours.Count} pull requests of {ThroughputBenchmark.Repositories} repositories are opened: signed webhooks over {connections} connections in a closed loop, delivery row, stream, pull request read from GitHub's API (the emulator), run, admission, stream, worker, conclusion; then the report, a completed check run.");
        text.AppendLine("The workflow has no steps, so there is no instance. The rate counts from the first webhook's sending to the last conclusion. Afterwards every run is checked: one for each pull request, concluded successfully without a fault, with a check run of its own, every delivery handled.");
        text.AppendLine();
        text.AppendLine("| ours | a second |\n|---|---|");
        text.AppendLine(CultureInfo.InvariantCulture, $"| webhooks accepted | {ours.AcceptedPerSecond:F0} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| **runs concluded** | **{ours.PerSecond:F0}** |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| runs reported on GitHub, to the last | {ours.ReportedPerSecond:F0} |");
        text.AppendLine();
        AppendPeers(text);
        var verdicts = Judge(ours);
        text.AppendLine(Verdict.Header);
        verdicts.ForEach(verdict => text.AppendLine(verdict.Row));
        text.AppendLine();
        AppendCosts(text, ours);
        text.AppendLine(await Machine.DescribeAsync(postgres));
        text.AppendLine();
        text.AppendLine("Repeat with `./dev bench throughput` (needs Node with npm, and Postgres' and Redis' server programs).");
        return await Tables.PublishAsync(text.ToString(), verdicts, file);
    }

    private void AppendPeers(StringBuilder text)
    {
        if (_peers.Count == 0)
        {
            return;
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"graphile-worker {PeerRun.Version}, empty jobs, one Node process, on the same Postgres just before. *One by one*: `graphile_worker.add_job`, a transaction each, over {connections} connections, as a webhook comes; *bulk*: `add_jobs` by the thousand. The worker runs meanwhile; the rate counts from the first job's adding to the last job's end.");
        text.AppendLine();
        text.AppendLine("| graphile-worker | jobs | added | a second | Node us each | Postgres us each |\n|---|---|---|---|---|---|");
        foreach (var peer in _peers)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {peer.Setup.Name} | {peer.Count} | {(peer.Setup.OneByOne ? "one by one" : "bulk")} | {peer.PerSecond:F0} | {peer.NodeCpu.TotalMicroseconds / peer.Count:F0} | {peer.PostgresCpu.TotalMicroseconds / peer.Count:F0} |");
        }

        text.AppendLine();
    }

    /// <summary>Like is held against like: a webhook comes by itself, and so does a job. What the peer does with thousands at once stands in its table.</summary>
    private List<Verdict> Judge(ThroughputResult ours) => _peers.Where(peer => peer.Setup.OneByOne).MaxBy(peer => peer.PerSecond) is { } best
        ? [new Verdict(
            string.Create(CultureInfo.InvariantCulture, $"of graphile-worker's best, one by one ({best.PerSecond:F0}/s)"), ours.PerSecond / best.PerSecond, 0.1, 1.0, "", Higher: true)]
        : [];

    private static void AppendCosts(StringBuilder text, ThroughputResult ours)
    {
        text.AppendLine("What one run costs, its report included:");
        text.AppendLine();
        text.AppendLine("| process | processor ms |\n|---|---|");
        foreach (var (name, cpu) in ours.Cpu)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {cpu.TotalMilliseconds / ours.Count:F2} |");
        }

        text.AppendLine();
        text.AppendLine("| what | each |\n|---|---|");
        foreach (var (name, count) in ours.Database.Where(counter => counter.Key != "runs").Select(counter => (counter.Key, counter.Value))
            .Concat(ours.Calls.Select(call => (Key: $"`{call.Key}`", Value: (long)call.Value))))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {(double)count / ours.Count:F2} |");
        }

        text.AppendLine();
    }
}
