using System.Globalization;
using AgentPlatform.Cli.Following;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Spectre.Console;

namespace AgentPlatform.Cli;

/// <summary>Runs in words and colours.</summary>
internal static class RunText
{
    private const int NameWidth = 10;

    public static string Name<TEnum>(TEnum value)
        where TEnum : struct, Enum => SnakeCaseName.Of(value).Replace('_', ' ');

    public static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, span.TotalSeconds):0.0} s");

    /// <summary>Spectre markup of where a run stands.</summary>
    public static string State(RunSummary run) => run.Conclusion is { } conclusion ? Conclusion(conclusion) : $"[blue]{Name(run.Phase)}[/]";

    public static string Conclusion(RunConclusion conclusion) => conclusion switch
    {
        RunConclusion.Success => "[green]success[/]",
        RunConclusion.Failure or RunConclusion.TimedOut => $"[red]{Name(conclusion)}[/]",
        RunConclusion.ActionRequired or RunConclusion.Neutral => $"[yellow]{Name(conclusion)}[/]",
        _ => $"[grey]{Name(conclusion)}[/]",
    };

    /// <summary>Spectre markup of a step: name, state, what came of it, time.</summary>
    /// <param name="step">The step.</param>
    /// <param name="now">For the time of a step that is under way; null leaves it out.</param>
    public static string Line(FollowedStep step, DateTimeOffset? now = null)
    {
        var took = (step.StartedAt, step.EndedAt ?? now) is ({ } from, { } to) ? Seconds(to - from) : string.Empty;
        var summary = step.Summary == step.State.Replace('_', ' ') ? string.Empty : step.Summary;
        var about = string.Join("  ", new[] { summary, took }.Where(text => text.Length > 0));
        return $"{Markup.Escape(TerminalText.Plain(step.Name).PadRight(NameWidth))} {Step(step.State)}{(about.Length > 0 ? $"  [grey]{Markup.Escape(TerminalText.Plain(about))}[/]" : string.Empty)}";
    }

    /// <summary>Says which run it is.</summary>
    public static void WriteHead(IAnsiConsole console, RunSummary run)
    {
        console.MarkupLineInterpolated($"[bold]{run.Repository}[/] #{run.PullRequest} {TerminalText.Plain(run.Title)}");
        console.MarkupLineInterpolated($"[grey]{run.Id} {run.Workflow} attempt {run.Attempt} of {run.HeadSha[..7]}[/]");
    }

    /// <summary>Says what it found and how it ended.</summary>
    public static void WriteEnd(IAnsiConsole console, RunDetail detail)
    {
        foreach (var finding in detail.Findings)
        {
            console.MarkupLineInterpolated($"  [yellow]{TerminalText.Plain(finding.File)}:{finding.Line}[/] {TerminalText.Plain(finding.Title)}");
        }

        if (detail.Run.Conclusion is { } conclusion)
        {
            console.MarkupLine($"{Conclusion(conclusion)} [grey]{Markup.Escape(TerminalText.Plain(detail.Run.Reason ?? string.Empty))}[/]");
        }
    }

    private static string Step(string state) => state switch
    {
        "passed" => "[green]passed[/]",
        "failed" or "timed_out" => $"[red]{state.Replace('_', ' ')}[/]",
        "running" => "[blue]running[/]",
        "waiting" or "skipped" or "cancelled" => $"[grey]{state}[/]",
        _ => "[grey]?[/]",
    };
}
