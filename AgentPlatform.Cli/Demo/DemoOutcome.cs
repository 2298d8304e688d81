using System.Text.Json;
using System.Text.Json.Serialization;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Spectre.Console;

namespace AgentPlatform.Cli.Demo;

/// <summary>What came of the demo.</summary>
/// <param name="Succeeded">Whether the pull request has one check run, and that an annotation on the line with the bug.</param>
/// <param name="Run">The run.</param>
/// <param name="TraceId">Its trace.</param>
/// <param name="PullRequest">The pull request's page.</param>
/// <param name="Check">The check run's name.</param>
/// <param name="Conclusion">The check run's conclusion.</param>
/// <param name="Annotations">What stands beside the lines.</param>
/// <param name="Comments">Comments on the pull request.</param>
/// <param name="Seconds">From the opening of the pull request to the finished report.</param>
/// <param name="Wrong">What is not as it should be; null where all is.</param>
internal sealed record DemoOutcome(
    bool Succeeded, RunId Run, string? TraceId, string PullRequest, string? Check, string? Conclusion, IReadOnlyList<DemoAnnotation> Annotations, int Comments, double Seconds,
    string? Wrong)
{
    public static DemoOutcome Judge(DemoPull pull, RunDetail run, DemoReport report, TimeSpan took)
    {
        var check = report.Checks.FirstOrDefault(check => check.ExternalId == run.Run.Id.ToString());
        var wrong = (report.Checks.Count, check) switch
        {
            (_, null) => "the pull request has no check run of this run",
            ( > 1, _) => $"the pull request has {report.Checks.Count} check runs for one push",
            (_, { Status: not "completed" }) => "the check run is not completed",
            _ when !check.Annotations.Any(item => item.File == pull.File && item.Line == pull.Line) => $"no annotation stands on {pull.File}:{pull.Line}: {run.Run.Reason}",
            _ when report.Comments != 1 => $"the pull request has {report.Comments} comments instead of one",
            _ => null,
        };
        return new DemoOutcome(
            wrong is null, run.Run.Id, run.Run.TraceId, pull.HtmlUrl, check?.Name, check?.Conclusion, check?.Annotations ?? [], report.Comments, Math.Round(took.TotalSeconds, 1), wrong);
    }

    public void Write(CommandContext context, Uri? dashboard)
    {
        if (context.Json)
        {
            context.Output.WriteLine(JsonSerializer.Serialize(this, DemoJsonContext.Default.DemoOutcome));
            return;
        }

        var console = context.Console;
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]On the pull request[/], {Seconds:0.0} s after it was opened:");
        if (Check is not null)
        {
            console.MarkupLineInterpolated($"  check run     {Check}: [red]{Conclusion}[/]");
        }

        foreach (var annotation in Annotations)
        {
            console.MarkupLineInterpolated($"  annotation    [yellow]{TerminalTextOf(annotation.File)}:{annotation.Line}[/] {TerminalTextOf(annotation.Title)}");
            console.MarkupLineInterpolated($"                [grey]{TerminalTextOf(annotation.Message)}[/]");
        }

        WriteLinks(context, dashboard);
        if (Wrong is not null)
        {
            console.MarkupLineInterpolated($"[red]The demo failed: {TerminalTextOf(Wrong)}.[/]");
        }
    }

    /// <summary>Links are not broken at the terminal's edge, so that they can be followed.</summary>
    private void WriteLinks(CommandContext context, Uri? dashboard)
    {
        var run = new Uri(context.Client.Address, $"api/v1/runs/{Run}");
        var trace = dashboard is null ? $"{run}/trace" : Traced(dashboard);
        (string Name, string? Address)[] links = [("pull request", PullRequest), ("run", run.AbsoluteUri), ("trace", trace), ("dashboard", dashboard?.AbsoluteUri)];
        foreach (var (name, address) in links.Where(link => link.Address is not null))
        {
            context.Output.WriteLine($"  {name,-14}{address}");
        }
    }

    /// <summary>The trace in the dashboard, behind its login.</summary>
    private string Traced(Uri dashboard)
    {
        var page = $"/traces/detail/{TraceId}";
        return dashboard.Query.Length == 0 ? new Uri(dashboard, page).AbsoluteUri : $"{dashboard.AbsoluteUri}&returnUrl={Uri.EscapeDataString(page)}";
    }

    private static string TerminalTextOf(string text) => Following.TerminalText.Plain(text);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(DemoOutcome))]
internal sealed partial class DemoJsonContext : JsonSerializerContext;
