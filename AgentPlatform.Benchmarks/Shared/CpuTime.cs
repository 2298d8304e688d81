using System.Globalization;

namespace AgentPlatform.Benchmarks.Shared;

/// <summary>Processor time of a process and everything it started, as the kernel counts it. Unlike a rate it says little about what else the machine does.</summary>
internal static class CpuTime
{
    private const double TicksPerSecond = 100;

    /// <summary>User and system time so far.</summary>
    public static TimeSpan Of(int processId)
    {
        var processes = Directory.GetDirectories("/proc")
            .Select(directory => int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var id) ? Read(id) : null)
            .OfType<Stat>()
            .ToDictionary(stat => stat.Id);
        return TimeSpan.FromSeconds(processes.Values.Where(stat => DescendsFrom(stat, processId, processes)).Sum(stat => stat.Ticks) / TicksPerSecond);
    }

    private static bool DescendsFrom(Stat stat, int ancestor, Dictionary<int, Stat> processes)
    {
        for (var current = stat; ; current = processes[current.Parent])
        {
            if (current.Id == ancestor)
            {
                return true;
            }

            if (!processes.ContainsKey(current.Parent))
            {
                return false;
            }
        }
    }

    private static Stat? Read(int id)
    {
        try
        {
            // The name, in parentheses, may hold anything.
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return new Stat(id, int.Parse(fields[1], CultureInfo.InvariantCulture), fields[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed record Stat(int Id, int Parent, long Ticks);
}
