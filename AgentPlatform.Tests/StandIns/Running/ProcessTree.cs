using System.Globalization;

namespace AgentPlatform.Tests.StandIns.Running;

/// <summary>The processes below another one, as Linux's /proc shows them.</summary>
internal static class ProcessTree
{
    /// <summary>A process, told apart from a later one of the same id by its start.</summary>
    internal sealed record Entry(int Id, int ParentId, string State, string StartTime, string Command);

    /// <summary>All processes that descend from one.</summary>
    public static IReadOnlyList<Entry> Below(int processId)
    {
        var all = All();
        var found = new List<Entry>();
        var parents = new Queue<int>([processId]);
        while (parents.TryDequeue(out var parent))
        {
            foreach (var child in all.Where(entry => entry.ParentId == parent))
            {
                found.Add(child);
                parents.Enqueue(child.Id);
            }
        }

        return found;
    }

    /// <summary>Those of the processes that are still there, and more than a zombie.</summary>
    public static IReadOnlyList<Entry> Living(IEnumerable<Entry> processes)
    {
        var living = All().Where(entry => entry.State is not ("Z" or "X")).Select(entry => (entry.Id, entry.StartTime)).ToHashSet();
        return [.. processes.Where(entry => living.Contains((entry.Id, entry.StartTime)))];
    }

    /// <summary>The data directories of the Postgres servers among the processes.</summary>
    public static IReadOnlyList<string> DataDirectories(IEnumerable<Entry> processes) =>
    [
        .. processes.Select(process => process.Command.Split(' '))
            .Where(words => words[0].EndsWith("/postgres", StringComparison.Ordinal))
            .Select(words => words[Array.IndexOf(words, "-D") + 1]),
    ];

    /// <summary>Waits until a condition over other processes holds; nothing there can be awaited.</summary>
    public static Task UntilAsync(Func<bool> condition, Func<string> describe, CancellationToken deadline) =>
        UntilAsync(() => Task.FromResult(condition()), describe, deadline);

    /// <summary>The same for a condition that takes time to find out.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, Func<string> describe, CancellationToken deadline)
    {
        while (!await condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"Not in time: {describe()}");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    /// <summary>All processes of the machine.</summary>
    public static IReadOnlyList<Entry> All() =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0]))
            .Select(Read)
            .OfType<Entry>(),
    ];

    private static Entry? Read(string directory)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(directory, "stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var command = File.ReadAllText(Path.Combine(directory, "cmdline")).Replace('\0', ' ');
            return new Entry(
                int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture),
                int.Parse(fields[1], CultureInfo.InvariantCulture),
                fields[0],
                fields[19],
                command);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
