using System.Globalization;

namespace AgentPlatform.Benchmarks.Shared;

/// <summary>The options of a benchmark: names with a value each.</summary>
internal static class Options
{
    public static int Number(string[] options, string name, int otherwise) =>
        Text(options, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public static string? Text(string[] options, string name) => Array.IndexOf(options, name) is >= 0 and var at ? options[at + 1] : null;
}
