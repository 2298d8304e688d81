using System.CommandLine;
using System.Text.Json;
using AgentPlatform.Cli.Following;
using AgentPlatform.Contracts.Runs;
using Spectre.Console;

namespace AgentPlatform.Cli.Commands;

/// <summary><c>agentctl run owner/name --pr N [--follow]</c>.</summary>
internal static class RunCommand
{
    public static Command Create(Invoker invoke)
    {
        var repository = new Argument<string>("repository") { Description = "owner/name" };
        var pullRequest = new Option<int>("--pr") { Description = "The pull request's number.", Required = true };
        var key = new Option<string?>("--idempotency-key") { Description = "A name for this wish: repeated with it, the same run is the answer." };
        key.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } given && (given.Length is 0 or > RunLimits.IdempotencyKeyLengthMax || given.AsSpan().ContainsAnyExceptInRange('!', '~')))
            {
                result.AddError($"--idempotency-key is 1 to {RunLimits.IdempotencyKeyLengthMax} visible ASCII characters.");
            }
        });
        var follow = new Option<bool>("--follow", "-f") { Description = "Follow the run to its end; the exit code says how it ended." };
        var command = new Command("run", "Runs a pull request's head now.") { repository, pullRequest, key, follow };
        command.SetAction((parsed, cancellationToken) => invoke(
            parsed,
            async (context, cancellation) =>
            {
                var request = new CreateRunRequest(parsed.GetValue(repository)!, parsed.GetValue(pullRequest));
                var started = await context.Client.Runs.StartAsync(request, parsed.GetValue(key), cancellation);
                if (parsed.GetValue(follow))
                {
                    return await FollowAsync(context, started, cancellation);
                }

                Show(context, started);
                return ExitCodes.Success;
            },
            cancellationToken));
        return command;
    }

    private static void Show(CommandContext context, StartedRuns started)
    {
        if (context.Json)
        {
            context.Output.WriteLine(JsonSerializer.Serialize(started, RunsJsonContext.Default.StartedRuns));
            return;
        }

        foreach (var run in started.Runs)
        {
            context.Console.MarkupLineInterpolated($"{run.Id} [bold]{run.Workflow}[/] {RunText.Name(run.Phase)} [grey]{run.HeadSha[..7]} {run.Title}[/]");
        }
    }

    private static async Task<int> FollowAsync(CommandContext context, StartedRuns started, CancellationToken cancellationToken)
    {
        var code = ExitCodes.Success;
        foreach (var run in started.Runs)
        {
            var ended = await new RunFollower(context).FollowAsync(run.Id, cancellationToken);
            code = code == ExitCodes.Success ? ExitCodes.Of(ended.Run.Conclusion) : code;
        }

        return code;
    }
}
