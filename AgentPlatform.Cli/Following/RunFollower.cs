using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;

namespace AgentPlatform.Cli.Following;

/// <summary>
/// Follows a run to its end: on a terminal as a picture that moves, elsewhere as a line for each step of its way, for programs as its events, one on a line.
/// </summary>
internal sealed class RunFollower(CommandContext context)
{
    public async Task<RunDetail> FollowAsync(RunId id, CancellationToken cancellationToken)
    {
        var handle = context.Client.Runs.Get(id);
        var view = View();
        await view.ShowAsync(
            await handle.ReadAsync(cancellationToken),
            async () =>
            {
                await using var tails = new StepTails(context.Client, handle, view.Printed);
                await foreach (var said in handle.WatchAsync(after: 0, cancellationToken))
                {
                    if (view.WantsOutput && FollowedRun.StepOf(said) is { } step)
                    {
                        await ReadAlongAsync(tails, step, FollowedRun.Begins(said));
                    }

                    view.Said(said);
                }
            });
        var ended = await handle.ReadAsync(cancellationToken);
        view.Ended(ended);
        return ended;
    }

    /// <summary>The lines of a step stand before the word on its end.</summary>
    private static async Task ReadAlongAsync(StepTails tails, StepId step, bool begins)
    {
        if (begins)
        {
            tails.Follow(step);
        }
        else
        {
            await tails.FinishAsync(step);
        }
    }

    private IRunView View() => context switch
    {
        { Json: true } => new JsonRunView(context.Output),
        { Console.Profile.Capabilities: { Ansi: true, Interactive: true } } => new LiveRunView(context.Console, TimeProvider.System),
        _ => new PlainRunView(context.Console),
    };
}
