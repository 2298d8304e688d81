using System.Text.Json;
using AgentPlatform.Contracts.Runs;

namespace AgentPlatform.Cli;

/// <summary>Runs in words and colours.</summary>
internal static class RunText
{
    public static string Name<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()).Replace('_', ' ');

    /// <summary>Spectre markup of where a run stands.</summary>
    public static string State(RunSummary run) => run.Conclusion is { } conclusion ? Conclusion(conclusion) : $"[blue]{Name(run.Phase)}[/]";

    public static string Conclusion(RunConclusion conclusion) => conclusion switch
    {
        RunConclusion.Success => "[green]success[/]",
        RunConclusion.Failure or RunConclusion.TimedOut => $"[red]{Name(conclusion)}[/]",
        RunConclusion.ActionRequired or RunConclusion.Neutral => $"[yellow]{Name(conclusion)}[/]",
        _ => $"[grey]{Name(conclusion)}[/]",
    };

    /// <summary>Spectre markup of a step's state.</summary>
    public static string Step(string state) => state switch
    {
        "passed" => "[green]passed[/]",
        "failed" or "timed_out" => $"[red]{state.Replace('_', ' ')}[/]",
        "running" => "[blue]running[/]",
        "waiting" or "skipped" or "cancelled" => $"[grey]{state}[/]",
        _ => "[grey]?[/]",
    };
}
