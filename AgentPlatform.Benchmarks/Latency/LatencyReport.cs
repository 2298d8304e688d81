using System.Globalization;
using System.Text;
using AgentPlatform.Benchmarks.Shared;

namespace AgentPlatform.Benchmarks.Latency;

/// <summary>The table of the latency benchmark.</summary>
internal sealed class LatencyReport
{
    private readonly List<(string Name, List<Sample> Samples, bool Floors)> _series = [];

    public void Add(string name, List<Sample> samples, bool floors) => _series.Add((name, samples, floors));

    public async Task<int> WriteAsync(string postgres, string? file)
    {
        var text = new StringBuilder();
        text.AppendLine("# From a webhook's 202 to the first process of its run");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{_series[0].Samples.Count} runs in each series, one after the other, over the whole road: Webhooks, Redis, Scheduler, a host with the Linux driver, the GitHub emulator. Each in a fresh instance. The policy has one step, `exec date +%s%N`; what it printed is the end of the measured time, the moment when the 202 was read is its beginning. Policy and mirror are warm: the base commit's policy was read and the repository fetched before.");
        text.AppendLine();
        text.AppendLine("| | p50 ms | p90 ms | p99 ms | max ms |\n|---|---|---|---|---|");
        foreach (var (name, samples, _) in _series)
        {
            var times = samples.ConvertAll(sample => sample.ToProcess);
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {Percentiles.Median(times):F1} | {Percentiles.At(times, 0.90):F1} | {Percentiles.At(times, 0.99):F1} | {times.Max():F1} |");
        }

        text.AppendLine();
        var verdicts = Judge();
        text.AppendLine(Verdict.Header);
        verdicts.ForEach(verdict => text.AppendLine(verdict.Row));
        foreach (var (name, samples, _) in _series)
        {
            AppendMarks(text, name, samples);
        }

        text.AppendLine();
        text.AppendLine(await Machine.DescribeAsync(postgres));
        text.AppendLine();
        text.AppendLine("Repeat with `./dev bench latency` (needs what the Linux driver needs, and Postgres' and Redis' server programs).");
        return await Tables.PublishAsync(text.ToString(), verdicts, file);
    }

    private List<Verdict> Judge() =>
    [
        .. from series in _series
           where series.Floors
           let times = series.Samples.ConvertAll(sample => sample.ToProcess)
           from verdict in (Verdict[])
           [
               new Verdict($"p50, {series.Name}", Percentiles.Median(times), 60, 30, " ms", Higher: false),
               new Verdict($"p99, {series.Name}", Percentiles.At(times, 0.99), 250, 100, " ms", Higher: false),
           ]
           select verdict,
    ];

    /// <summary>Where the time goes: what began before the process did, in the order in which it begins.</summary>
    private static void AppendMarks(StringBuilder text, string name, List<Sample> samples)
    {
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Where the time goes, {name} (medians; spans and events of the runs' own traces and histories; what stands in every second run at least):");
        text.AppendLine();
        text.AppendLine("| | begins at ms | takes ms | in a run |\n|---|---|---|---|");
        var end = Percentiles.Median(samples.Select(sample => sample.ToProcess));
        var rows = samples.SelectMany(sample => sample.Marks).GroupBy(mark => mark.Name)
            .Select(marks => (Name: marks.Key, Begin: Percentiles.Median(marks.Select(mark => mark.Begin)), Marks: marks.ToList()))
            .Where(row => row.Begin < end && row.Marks.Count * 2 >= samples.Count)
            .OrderBy(row => row.Begin);
        foreach (var (row, begin, marks) in rows)
        {
            var took = marks.Where(mark => mark.Duration is not null).Select(mark => mark.Duration!.Value).ToList();
            var duration = took.Count == 0 ? "" : Percentiles.Median(took).ToString("F1", CultureInfo.InvariantCulture);
            text.AppendLine(CultureInfo.InvariantCulture, $"| {row} | {begin:F1} | {duration} | {(double)marks.Count / samples.Count:0.#} |");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"| **the step's process prints the time** | **{end:F1}** | | |");
    }
}
