using System.CommandLine;
using AgentPlatform.Cli.Following;
using AgentPlatform.Contracts;

namespace AgentPlatform.Cli.Commands;

/// <summary><c>agentctl follow run_…</c>.</summary>
internal static class FollowCommand
{
    public static Command Create(Invoker invoke)
    {
        var run = new Argument<RunId>("run") { Description = "The run's id.", CustomParser = Ids.ParseRun };
        var command = new Command("follow", "Follows a run to its end; the exit code says how it ended.") { run };
        command.SetAction((parsed, cancellationToken) => invoke(
            parsed,
            async (context, cancellation) => ExitCodes.Of((await new RunFollower(context).FollowAsync(parsed.GetValue(run), cancellation)).Run.Conclusion),
            cancellationToken));
        return command;
    }
}
