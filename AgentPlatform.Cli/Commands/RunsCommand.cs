using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AgentPlatform.Client;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Spectre.Console;

namespace AgentPlatform.Cli.Commands;

/// <summary><c>agentctl runs [--repository owner/name] [--pr N] [--phase …] [--conclusion …]</c>.</summary>
internal static class RunsCommand
{
    private const int DefaultLimit = 20;

    public static Command Create(Invoker invoke)
    {
        var repository = new Option<string?>("--repository") { Description = "Only those of owner/name." };
        var pullRequest = new Option<int?>("--pr") { Description = "Only those of a pull request." };
        var phase = new Option<string?>("--phase") { Description = "Only those that stand there, such as running or concluded." };
        var conclusion = new Option<string?>("--conclusion") { Description = "Only those that ended so, such as success or failure." };
        var workflow = new Option<string?>("--workflow") { Description = "Only those of a workflow." };
        var limit = new Option<int>("--limit") { Description = $"How many, at most {PageLimits.Max}.", DefaultValueFactory = _ => DefaultLimit };
        var cursor = new Option<string?>("--cursor") { Description = "Go on behind a page; the page says its cursor as next." };
        var command = new Command("runs", "Lists runs, newest first.") { repository, pullRequest, phase, conclusion, workflow, limit, cursor };
        command.SetAction((parsed, cancellationToken) => invoke(
            parsed,
            async (context, cancellation) =>
            {
                var query = new RunQuery(
                    parsed.GetValue(repository), parsed.GetValue(pullRequest), parsed.GetValue(phase), parsed.GetValue(conclusion), parsed.GetValue(workflow));
                Show(context, await context.Client.Runs.ListAsync(query, parsed.GetValue(cursor), parsed.GetValue(limit), cancellation));
                return ExitCodes.Success;
            },
            cancellationToken));
        return command;
    }

    private static void Show(CommandContext context, Page<RunSummary> page)
    {
        if (context.Json)
        {
            context.Output.WriteLine(JsonSerializer.Serialize(page, RunsJsonContext.Default.PageRunSummary));
            return;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns("Run", "Repository", "Pull request", "Workflow", "State", "Queued");
        foreach (var run in page.Items)
        {
            table.AddRow(
                Text(run.Id.ToString()), Text(run.Repository), Text(run.PullRequest?.ToString(CultureInfo.InvariantCulture) ?? "–"),
                Text($"{run.Workflow} #{run.Attempt}"), new Markup(RunText.State(run)), Text(run.QueuedAt.ToLocalTime().ToString("g", CultureInfo.CurrentCulture)));
        }

        context.Console.Write(table);
        if (page.Next is { } next)
        {
            context.Console.MarkupLineInterpolated($"[grey]more: --cursor {next}[/]");
        }
    }

    private static Text Text(string text) => new(text);
}
