using System.Net;
using System.Runtime.CompilerServices;
using AgentPlatform.Client;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;

namespace AgentPlatform.Cli.Following;

/// <summary>Reads along what the steps of a run print while they are under way. It is company, not the record: what cannot be read is left out.</summary>
/// <param name="client">The platform.</param>
/// <param name="run">The run.</param>
/// <param name="printed">Gets each line with its step.</param>
internal sealed class StepTails(AgentPlatformClient client, RunHandle run, Action<StepId, string> printed) : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>How long the last lines of a step that has ended are waited for.</summary>
    private static readonly TimeSpan LastLinesMax = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _ended = new();
    private readonly Dictionary<StepId, Task> _tails = [];

    /// <summary>Begins to read a step along.</summary>
    public void Follow(StepId step)
    {
        if (!_tails.ContainsKey(step))
        {
            _tails[step] = ReadAsync(step);
        }
    }

    /// <summary>Waits for the last lines of a step that has ended.</summary>
    public async Task FinishAsync(StepId step)
    {
        if (_tails.Remove(step, out var tail))
        {
            await tail.WaitAsync(LastLinesMax, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await Task.WhenAll(_tails.Values);
        _ended.Dispose();
    }

    /// <summary>The lines that a step prints, to its end.</summary>
    public static IAsyncEnumerable<string> LinesAsync(AgentPlatformClient client, RunHandle run, RunStep step, CancellationToken cancellationToken) =>
        step.Session is { } session ? AgentLinesAsync(client, session, cancellationToken) : CommandLinesAsync(run, step.Id, cancellationToken);

    /// <summary>What the agent of a step does, to its end. A step that begins names its session before the session is there.</summary>
    public static async IAsyncEnumerable<EventEnvelope> AgentEventsAsync(AgentPlatformClient client, SessionId session, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (!await ExistsAsync(client, session, cancellationToken))
        {
            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
        }

        await foreach (var said in client.Sessions.WatchAsync(session, after: 0, cancellationToken))
        {
            yield return said;
        }
    }

    private static async Task<bool> ExistsAsync(AgentPlatformClient client, SessionId session, CancellationToken cancellationToken)
    {
        try
        {
            await client.Sessions.EventsAsync(session, after: 0, waitSeconds: 0, cancellationToken);
            return true;
        }
        catch (AgentPlatformException refusal) when (refusal.Status == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private static async IAsyncEnumerable<string> AgentLinesAsync(AgentPlatformClient client, SessionId session, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var said in AgentEventsAsync(client, session, cancellationToken))
        {
            foreach (var line in AgentLines.Of(said))
            {
                yield return line;
            }
        }
    }

    private static async IAsyncEnumerable<string> CommandLinesAsync(RunHandle run, StepId step, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rest = string.Empty;
        await foreach (var piece in run.ReadLogAsync(step, cancellationToken))
        {
            var lines = (rest + piece.Text).ReplaceLineEndings("\n").Split('\n');
            foreach (var line in lines[..^1])
            {
                yield return TerminalText.Plain(line);
            }

            rest = lines[^1];
        }

        if (rest.Length > 0)
        {
            yield return TerminalText.Plain(rest);
        }
    }

    private async Task ReadAsync(StepId id)
    {
        try
        {
            var detail = await run.ReadAsync(_ended.Token);
            if (detail.Steps.FirstOrDefault(step => step.Id == id) is { } step)
            {
                await foreach (var line in LinesAsync(client, run, step, _ended.Token))
                {
                    printed(id, line);
                }
            }
        }
        catch (Exception failure) when (failure is AgentPlatformException or OperationCanceledException)
        {
            // The run is followed by its events; without these lines it is only less to look at.
        }
    }
}
