using System.CommandLine;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;

namespace AgentPlatform.Cli.Commands;

/// <summary><c>agentctl logs run_… [--step name] [--follow]</c>.</summary>
internal static class LogsCommand
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public static Command Create(Invoker invoke)
    {
        var run = new Argument<RunId>("run") { Description = "The run's id.", CustomParser = Parse };
        var step = new Option<string?>("--step") { Description = "The step's name; else the one under way, else the last." };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the step has ended." };
        var command = new Command("logs", "Prints what a step of a run printed.") { run, step, follow };
        command.SetAction((parsed, cancellationToken) => invoke(
            parsed,
            (context, cancellation) => PrintAsync(context, parsed.GetValue(run), parsed.GetValue(step), parsed.GetValue(follow), cancellation),
            cancellationToken));
        return command;
    }

    private static RunId Parse(System.CommandLine.Parsing.ArgumentResult result)
    {
        if (RunId.TryParse(result.Tokens[0].Value, null, out var id))
        {
            return id;
        }

        result.AddError("A run's id is run_ and 32 hexadecimal digits.");
        return default;
    }

    private static async Task<int> PrintAsync(CommandContext context, RunId id, string? step, bool follow, CancellationToken cancellationToken)
    {
        var run = context.Client.Runs.Get(id);
        for (var offset = 0L; ;)
        {
            var log = await run.LogAsync(step, offset, follow ? RunLimits.WaitSecondsMax : 0, cancellationToken);
            Print(context, log);

            // The step that was chosen at first is the one that is followed.
            (step, offset) = (log.Step.ToString(), log.NextOffset);
            if (log.End || !follow)
            {
                return ExitCodes.Success;
            }

            if (log.Text.Length == 0)
            {
                await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
            }
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
            context.Output.Write(log.Text);
        }

        context.Output.Flush();
    }
}
