using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace AgentPlatform.Benchmarks.Instances;

/// <summary>The table of an instance benchmark.</summary>
internal sealed class InstanceReport(int count)
{
    private readonly List<InstanceTimes> _times = [];
    private readonly Dictionary<string, List<TimeSpan>> _peers = [];

    public void Add(InstanceTimes times, IReadOnlyList<(string Name, TimeSpan Time)> peers)
    {
        _times.Add(times);
        foreach (var (name, time) in peers)
        {
            if (!_peers.TryGetValue(name, out var all))
            {
                _peers[name] = all = [];
            }

            all.Add(time);
        }
    }

    public string Write()
    {
        var text = new StringBuilder();
        text.AppendLine("# Instances");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{count} instances one after the other, after a warm-up, made by what lies under the host's HTTP endpoints with the real `linux` driver: record on disk, user id, cgroups with limits, disk in memory, network namespace, socket directory, and a checkout of 2000 files laid under the workspace as an overlay. A command that prints the time says when it ran. When an instance is destroyed, a shell and its child run in it and a file is changed; it counts as destroyed when no process, mount, cgroup, directory and user id is left, which is checked at the end.");
        text.AppendLine();
        text.AppendLine("| milliseconds | median | p95 | p99 | floor | goal |");
        text.AppendLine("|---|---|---|---|---|---|");
        Row(text, "instance ready: create accepted → a command can start", _times.Select(time => time.Ready), "10", "5");
        Row(text, "instance destroyed: nothing is left", _times.Select(time => time.Destroyed), "5", "1.5");
        Row(text, "command: start accepted → its program runs", _times.Select(time => time.Started), "", "");
        Row(text, "command: its program runs → it has ended and that is reported", _times.Select(time => time.Reported), "", "");
        Row(text, "all of that: create accepted → first command reported", _times.Select(time => time.Ready + time.Started + time.Reported), "", "");
        foreach (var (name, times) in _peers)
        {
            Row(text, $"peer: `{name}` with all namespaces around `true`, start to end, no limits, disk, user or record", times, "", "");
        }

        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Machine: {Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, .NET {Environment.Version}, {TimeProvider.System.GetUtcNow():yyyy-MM-dd}. The peers ran in turns with the instances; podman and a systemd that could run `systemd-run` are not on this machine.");
        text.AppendLine();
        text.AppendLine("Repeat as root with `./dev bench instance` (needs what the Linux driver needs).");
        return text.ToString();
    }

    private static void Row(StringBuilder text, string name, IEnumerable<TimeSpan> times, string floor, string goal)
    {
        var sorted = times.Select(time => time.TotalMilliseconds).Order().ToArray();
        text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {At(sorted, 0.5):F2} | {At(sorted, 0.95):F2} | {At(sorted, 0.99):F2} | {floor} | {goal} |");
    }

    private static double At(double[] sorted, double share) => sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * share)];
}
