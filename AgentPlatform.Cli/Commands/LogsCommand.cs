using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentPlatform.Cli.Following;
using AgentPlatform.Client;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.Contracts.Sessions;

namespace AgentPlatform.Cli.Commands;

/// <summary><c>agentctl logs run_… [--step name] [--follow]</c>.</summary>
internal static class LogsCommand
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public static Command Create(Invoker invoke)
    {
        var run = new Argument<RunId>("run") { Description = "The run's id.", CustomParser = Ids.ParseRun };
        var step = new Option<string?>("--step") { Description = "The step's name; else the one under way, else the last." };
        var follow = new Option<bool>("--follow", "-f") { Description = "Wait until the step begins, and go on until it has ended." };
        var command = new Command("logs", "Prints what a step of a run printed, or what its agent did.") { run, step, follow };
        command.SetAction((parsed, cancellationToken) => invoke(
            parsed,
            (context, cancellation) => PrintAsync(context, parsed.GetValue(run), parsed.GetValue(step), parsed.GetValue(follow), cancellation),
            cancellationToken));
        return command;
    }

    private static async Task<int> PrintAsync(CommandContext context, RunId id, string? name, bool follow, CancellationToken cancellationToken)
    {
        var run = context.Client.Runs.Get(id);
        var step = await ChooseAsync(run, name, follow, cancellationToken);
        if (step.Session is { } session)
        {
            await PrintSessionAsync(context, session, follow, cancellationToken);
        }
        else if (follow)
        {
            await foreach (var piece in run.ReadLogAsync(step.Id, cancellationToken))
            {
                Print(context, piece);
            }
        }
        else
        {
            await PrintPiecesAsync(context, run, step.Id.ToString(), cancellationToken);
        }

        return ExitCodes.Success;
    }

    /// <summary>What there is by now, piece by piece.</summary>
    private static async Task PrintPiecesAsync(CommandContext context, RunHandle run, string step, CancellationToken cancellationToken)
    {
        for (var offset = 0L; ;)
        {
            var piece = await run.LogAsync(step, offset, waitSeconds: 0, cancellationToken);
            Print(context, piece);
            if (piece.End || piece.NextOffset <= offset)
            {
                return;
            }

            offset = piece.NextOffset;
        }
    }

    /// <summary>What an agent has done by now, page by page.</summary>
    private static async IAsyncEnumerable<EventEnvelope> EventsAsync(CommandContext context, SessionId session, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SessionEventsPage page;
        var after = 0L;
        do
        {
            page = await context.Client.Sessions.EventsAsync(session, after, waitSeconds: 0, cancellationToken);
            foreach (var said in page.Events)
            {
                yield return said;
            }

            after = page.Next;
        }
        while (page.Events.Count > 0 && !page.End);
    }

    /// <summary>The step that is meant. Who follows waits until it has begun.</summary>
    private static async Task<RunStep> ChooseAsync(RunHandle run, string? name, bool follow, CancellationToken cancellationToken)
    {
        while (true)
        {
            var detail = await run.ReadAsync(cancellationToken);
            var steps = name is null ? detail.Steps : [.. detail.Steps.Where(step => step.Name == name || step.Id.ToString() == name)];
            var begun = steps.Where(step => step.StartedAt is not null).ToList();
            if ((begun.FirstOrDefault(step => step.State == StepState.Running) ?? begun.LastOrDefault()) is { } chosen)
            {
                return chosen;
            }

            if (!follow || steps.Count == 0 || detail.Run.Phase == RunPhase.Concluded)
            {
                throw new AgentPlatformException(
                    steps.Count == 0 ? "The run has no such step." : "The step has not begun.", System.Net.HttpStatusCode.NotFound, RunProblemCodes.StepNotFound);
            }

            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
        }
    }

    private static async Task PrintSessionAsync(CommandContext context, SessionId session, bool follow, CancellationToken cancellationToken)
    {
        var events = follow ? StepTails.AgentEventsAsync(context.Client, session, cancellationToken) : EventsAsync(context, session, cancellationToken);
        await foreach (var said in events)
        {
            if (context.Json)
            {
                context.Output.WriteLine(JsonSerializer.Serialize(said, ContractsJsonContext.Default.EventEnvelope));
            }
            else
            {
                foreach (var line in AgentLines.Of(said))
                {
                    context.Output.WriteLine(line);
                }
            }

            context.Output.Flush();
        }
    }

    private static void Print(CommandContext context, RunLog log)
    {
        if (context.Json)
        {
            context.Output.WriteLine(JsonSerializer.Serialize(log, RunsJsonContext.Default.RunLog));
        }
        else
        {
            // Into a file goes what was printed, byte for byte. A terminal obeys what it is shown, and the author of a change is not to give it orders.
            context.Output.Write(context.Console.Profile.Out.IsTerminal ? TerminalText.Lines(log.Text) : log.Text);
        }

        context.Output.Flush();
    }
}
