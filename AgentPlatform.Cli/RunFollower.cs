using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Spectre.Console;

namespace AgentPlatform.Cli;

/// <summary>Follows a run to its end: for people a line for each step of its way, for programs each event as it is, one on a line.</summary>
internal sealed class RunFollower(CommandContext context)
{
    public async Task<RunConclusion?> FollowAsync(RunSummary run, CancellationToken cancellationToken)
    {
        var handle = context.Client.Runs.Get(run.Id);
        if (!context.Json)
        {
            context.Console.MarkupLineInterpolated($"[bold]{run.Repository}[/] #{run.PullRequest} {run.Title}");
            context.Console.MarkupLineInterpolated($"[grey]{run.Id} {run.Workflow} attempt {run.Attempt} of {run.HeadSha[..7]}[/]");
        }

        await foreach (var said in handle.WatchAsync(after: 0, cancellationToken))
        {
            if (context.Json)
            {
                context.Output.WriteLine(JsonSerializer.Serialize(said, ContractsJsonContext.Default.EventEnvelope));
                context.Output.Flush();
            }
            else
            {
                Show(run, said);
            }
        }

        var detail = await handle.ReadAsync(cancellationToken);
        if (!context.Json)
        {
            Show(detail);
        }

        return detail.Run.Conclusion;
    }

    private void Show(RunSummary run, EventEnvelope said)
    {
        var at = $"[grey]{(said.Time - run.QueuedAt).TotalSeconds,7:0.0} s[/]";
        if (said.Data.TryGetProperty("step", out var step))
        {
            var summary = Text(step, "summary");
            context.Console.MarkupLine($"{at}  {Markup.Escape(Text(step, "name"))} {RunText.Step(Text(step, "state"))} [grey]{Markup.Escape(summary)}[/]");
            return;
        }

        var what = said.Kind.StartsWith("run.", StringComparison.Ordinal) ? said.Kind["run.".Length..] : said.Kind;
        context.Console.MarkupLine($"{at}  [blue]{Markup.Escape(what)}[/] [grey]{Markup.Escape(Text(said.Data, "reason"))}[/]");
    }

    private void Show(RunDetail detail)
    {
        foreach (var finding in detail.Findings)
        {
            context.Console.MarkupLineInterpolated($"  [yellow]{finding.File}:{finding.Line}[/] {finding.Title}");
        }

        if (detail.Run.Conclusion is { } conclusion)
        {
            context.Console.MarkupLine($"{RunText.Conclusion(conclusion)} [grey]{Markup.Escape(detail.Run.Reason ?? string.Empty)}[/]");
        }
    }

    private static string Text(JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : string.Empty;
}
