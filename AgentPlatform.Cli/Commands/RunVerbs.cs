using System.CommandLine;
using System.Text.Json;
using AgentPlatform.Cli.Following;
using AgentPlatform.Client;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Spectre.Console;

namespace AgentPlatform.Cli.Commands;

/// <summary><c>agentctl runs show|cancel|rerun|approve run_…</c> and <c>agentctl runs statistics</c>: one run, and all of them in figures.</summary>
internal static class RunVerbs
{
    private const int DefaultHours = 24;

    public static IEnumerable<Command> Create(Invoker invoke) =>
    [
        Show(invoke),
        Change(invoke, "cancel", "Asks for a run's end.", (run, cancellation) => run.CancelAsync(cancellation)),
        Change(invoke, "rerun", "Makes another attempt at a concluded run.", (run, cancellation) => run.RerunAsync(cancellation)),
        Change(invoke, "approve", "Lets a run go on that is held for approval.", (run, cancellation) => run.ApproveAsync(cancellation)),
        Statistics(invoke),
    ];

    private static Argument<RunId> Id() => new("run") { Description = "The run's id.", CustomParser = Ids.ParseRun };

    private static Command Show(Invoker invoke)
    {
        var id = Id();
        var command = new Command("show", "Shows a run with its steps and what they found.") { id };
        command.SetAction((parsed, cancellationToken) => invoke(
            parsed,
            async (context, cancellation) =>
            {
                Show(context, await context.Client.Runs.Get(parsed.GetValue(id)).ReadAsync(cancellation));
                return ExitCodes.Success;
            },
            cancellationToken));
        return command;
    }

    private static Command Change(Invoker invoke, string name, string description, Func<RunHandle, CancellationToken, Task<RunSummary>> change)
    {
        var id = Id();
        var command = new Command(name, description) { id };
        command.SetAction((parsed, cancellationToken) => invoke(
            parsed,
            async (context, cancellation) =>
            {
                var run = await change(context.Client.Runs.Get(parsed.GetValue(id)), cancellation);
                if (context.Json)
                {
                    context.Output.WriteLine(JsonSerializer.Serialize(run, RunsJsonContext.Default.RunSummary));
                }
                else
                {
                    context.Console.MarkupLine($"{run.Id} {Markup.Escape(run.Workflow)} attempt {run.Attempt}: {(run.Ending is { } ending ? $"ends {RunText.Conclusion(ending)}" : RunText.State(run))}");
                }

                return ExitCodes.Success;
            },
            cancellationToken));
        return command;
    }

    private static Command Statistics(Invoker invoke)
    {
        var repository = new Option<string?>("--repository") { Description = "Only runs of owner/name." };
        var hours = new Option<int>("--hours") { Description = $"How far back, at most {RunLimits.StatisticsHoursMax}.", DefaultValueFactory = _ => DefaultHours };
        var command = new Command("statistics", "Counts runs, and says how long people waited for them.") { repository, hours };
        command.SetAction((parsed, cancellationToken) => invoke(
            parsed,
            async (context, cancellation) =>
            {
                Show(context, await context.Client.Runs.StatisticsAsync(parsed.GetValue(repository), parsed.GetValue(hours), cancellation));
                return ExitCodes.Success;
            },
            cancellationToken));
        return command;
    }

    private static void Show(CommandContext context, RunDetail detail)
    {
        if (context.Json)
        {
            context.Output.WriteLine(JsonSerializer.Serialize(detail, RunsJsonContext.Default.RunDetail));
            return;
        }

        RunText.WriteHead(context.Console, detail.Run);
        context.Console.MarkupLine($"{RunText.State(detail.Run)}, {detail.Progress.Done} of {detail.Progress.Total} steps done");
        foreach (var step in detail.Steps)
        {
            var state = JsonNamingPolicy.SnakeCaseLower.ConvertName(step.State.ToString());
            context.Console.MarkupLine($"  {RunText.Line(new FollowedStep(step.Id, step.Name, state, step.Summary ?? string.Empty, step.StartedAt, step.EndedAt))}");
        }

        RunText.WriteEnd(context.Console, detail);
    }

    private static void Show(CommandContext context, RunStatistics statistics)
    {
        if (context.Json)
        {
            context.Output.WriteLine(JsonSerializer.Serialize(statistics, RunsJsonContext.Default.RunStatistics));
            return;
        }

        context.Console.MarkupLineInterpolated($"[bold]{statistics.Total}[/] runs [grey]since {statistics.Since.ToLocalTime():g}[/]");
        Counts(context.Console, "now", statistics.Phases);
        Counts(context.Console, "ended", statistics.Conclusions);
        Times(context.Console, "waited", statistics.WaitSecondsP50, statistics.WaitSecondsP95);
        Times(context.Console, "took", statistics.RunSecondsP50, statistics.RunSecondsP95);
    }

    private static void Counts(IAnsiConsole console, string name, IReadOnlyDictionary<string, long> counts)
    {
        if (counts.Count > 0)
        {
            var text = string.Join(", ", counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Value} {pair.Key.Replace('_', ' ')}"));
            console.MarkupLineInterpolated($"  {name,-8}{text}");
        }
    }

    private static void Times(IAnsiConsole console, string name, double? half, double? most)
    {
        if ((half, most) is ({ } p50, { } p95))
        {
            console.MarkupLineInterpolated($"  {name,-8}{RunText.Seconds(TimeSpan.FromSeconds(p50))} half of them, {RunText.Seconds(TimeSpan.FromSeconds(p95))} 95 of 100 [grey]at most[/]");
        }
    }
}
