using System.Globalization;

namespace AgentPlatform.Benchmarks.Shared;

/// <summary>One figure held against its floor and its goal.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The figure.</param>
/// <param name="Floor">What it must reach.</param>
/// <param name="Goal">What it should reach.</param>
/// <param name="Unit">Shown behind the figures.</param>
/// <param name="Higher">Whether more is better.</param>
internal sealed record Verdict(string Name, double Value, double Floor, double Goal, string Unit, bool Higher)
{
    public bool MeetsFloor => Higher ? Value >= Floor : Value <= Floor;

    public bool MeetsGoal => Higher ? Value >= Goal : Value <= Goal;

    public string Row => string.Create(
        CultureInfo.InvariantCulture,
        $"| {Name} | **{Value:0.##}**{Unit} | {Floor:0.##}{Unit} | {Goal:0.##}{Unit} | {(MeetsGoal ? "goal reached" : MeetsFloor ? "floor held" : "**below the floor**")} |");

    public const string Header = "| | measured | floor | goal | |\n|---|---|---|---|---|";
}

/// <summary>Prints a table, writes it down, and judges.</summary>
internal static class Tables
{
    /// <returns>The process' exit code: 0 if every floor is held, 1 if not.</returns>
    public static async Task<int> PublishAsync(string text, IReadOnlyList<Verdict> verdicts, string? file)
    {
        Console.WriteLine(text);
        if (file is not null)
        {
            await File.WriteAllTextAsync(file, text);
        }

        return verdicts.All(verdict => verdict.MeetsFloor) ? 0 : 1;
    }
}
