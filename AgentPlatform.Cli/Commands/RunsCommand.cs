using System.CommandLine;
using System.Globalization;
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
        var listing = new Listing(DefaultLimit);
        var command = new Command("runs", "Lists runs, newest first.") { repository, pullRequest, phase, conclusion, workflow, listing.Limit, listing.Cursor };
        command.SetAction((parsed, cancellationToken) => invoke(
            parsed,
            async (context, cancellation) =>
            {
                var query = new RunQuery(
                    parsed.GetValue(repository), parsed.GetValue(pullRequest), parsed.GetValue(phase), parsed.GetValue(conclusion), parsed.GetValue(workflow));
                Show(context, await context.Client.Runs.ListAsync(query, parsed.GetValue(listing.Cursor), parsed.GetValue(listing.Limit), cancellation));
                return ExitCodes.Success;
            },
            cancellationToken));
        return command;
    }

    private static void Show(CommandContext context, Page<RunSummary> page) => Listing.Show(
        context, page, RunsJsonContext.Default.PageRunSummary, ["Run", "Repository", "Pull request", "Workflow", "State", "Queued"],
        run =>
        [
            Listing.Cell(run.Id.ToString()), Listing.Cell(run.Repository), Listing.Cell(run.PullRequest?.ToString(CultureInfo.InvariantCulture) ?? "–"),
            Listing.Cell($"{run.Workflow} #{run.Attempt}"), new Markup(RunText.State(run)), Listing.Cell(run.QueuedAt),
        ]);
}
