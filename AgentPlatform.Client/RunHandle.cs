using System.Globalization;
using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;

namespace AgentPlatform.Client;

/// <summary>One run.</summary>
public sealed class RunHandle
{
    private const int BrokenStreamsMax = 10;
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan LogAgainAfter = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(1);

    private readonly AgentPlatformClient _client;

    internal RunHandle(AgentPlatformClient client, RunId id) => (_client, Id) = (client, id);

    /// <summary>The run's id.</summary>
    public RunId Id { get; }

    private string Path => $"api/v1/runs/{Id}";

    /// <summary>The run as it is.</summary>
    public Task<RunDetail> ReadAsync(CancellationToken cancellationToken) => _client.GetAsync(Path, RunsJsonContext.Default.RunDetail, cancellationToken);

    /// <summary>Asks for its end.</summary>
    public Task<RunSummary> CancelAsync(CancellationToken cancellationToken) => _client.PostAsync($"{Path}/cancel", RunsJsonContext.Default.RunSummary, cancellationToken);

    /// <summary>Lets a run go on that is held for approval.</summary>
    public Task<RunSummary> ApproveAsync(CancellationToken cancellationToken) => _client.PostAsync($"{Path}/approve", RunsJsonContext.Default.RunSummary, cancellationToken);

    /// <summary>Another attempt at the concluded run.</summary>
    public Task<RunSummary> RerunAsync(CancellationToken cancellationToken) => _client.PostAsync($"{Path}/rerun", RunsJsonContext.Default.RunSummary, cancellationToken);

    /// <summary>Its trace.</summary>
    public Task<RunTrace> TraceAsync(CancellationToken cancellationToken) => _client.GetAsync($"{Path}/trace", RunsJsonContext.Default.RunTrace, cancellationToken);

    /// <summary>A piece of what a step printed.</summary>
    /// <param name="step">The step's name or id; null for the one under way, else the last.</param>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="waitSeconds">How long the answer may be held back until there is something; at most <see cref="RunLimits.WaitSecondsMax"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<RunLog> LogAsync(string? step, long offset, int waitSeconds, CancellationToken cancellationToken)
    {
        var path = new StringBuilder(Path).Append(CultureInfo.InvariantCulture, $"/log?offset={offset}&waitSeconds={waitSeconds}");
        if (step is not null)
        {
            path.Append("&step=").Append(Uri.EscapeDataString(step));
        }

        return _client.GetAsync(path.ToString(), RunsJsonContext.Default.RunLog, cancellationToken);
    }

    /// <summary>What a step's command prints, as it prints it, until the step has ended. The last piece may be empty.</summary>
    public async IAsyncEnumerable<RunLog> ReadLogAsync(StepId step, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var offset = 0L; ;)
        {
            var log = await LogAsync(step.ToString(), offset, RunLimits.WaitSecondsMax, cancellationToken).ConfigureAwait(false);
            if (log.Text.Length > 0 || log.End)
            {
                yield return log;
            }
            else
            {
                // Its command is not there yet, or has ended and is about to be written down.
                await Task.Delay(LogAgainAfter, _client.Time, cancellationToken).ConfigureAwait(false);
            }

            if (log.End)
            {
                yield break;
            }

            offset = log.NextOffset;
        }
    }

    /// <summary>
    /// Its events behind a sequence, as they happen, without gap or duplicate, until it is concluded. A stream that breaks is taken up where it ended.
    /// </summary>
    /// <param name="after">The last sequence that is known; 0 for all.</param>
    /// <param name="cancellationToken">Stops following; the run goes on.</param>
    public async IAsyncEnumerable<EventEnvelope> WatchAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var broken = 0; ;)
        {
            using var silence = new CancellationTokenSource(SilenceMax, _client.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
            var stream = ReadStreamAsync(after, silence, either.Token).GetAsyncEnumerator(either.Token);
            await using (stream.ConfigureAwait(false))
            {
                while (await MoveAsync(stream, cancellationToken).ConfigureAwait(false) is { } more)
                {
                    if (!more)
                    {
                        yield break;
                    }

                    (after, broken) = (stream.Current.Sequence, 0);
                    yield return stream.Current;
                }
            }

            if (++broken == BrokenStreamsMax)
            {
                throw new AgentPlatformException($"The stream of {Id} broke {broken} times in a row.");
            }

            await Task.Delay(TryAgainAfter, _client.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>Whether there is an event; null if the stream broke.</returns>
    private static async Task<bool?> MoveAsync(IAsyncEnumerator<EventEnvelope> stream, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (IsBreak(error) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static bool IsBreak(Exception error) =>
        error is IOException or HttpRequestException or OperationCanceledException or EndOfStreamException
        || error is AgentPlatformException { Status: null or >= HttpStatusCode.InternalServerError };

    private async IAsyncEnumerable<EventEnvelope> ReadStreamAsync(
        long after, CancellationTokenSource silence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/v1/streams/runs/{Id}");
        request.Headers.Add("Last-Event-ID", after.ToString(CultureInfo.InvariantCulture));
        using var response = await _client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NoContent)
        {
            yield break;
        }

        var body = new HeardStream(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), () => silence.CancelAfter(SilenceMax));
        await using (body.ConfigureAwait(false))
        {
            await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken).ConfigureAwait(false))
            {
                var envelope = JsonSerializer.Deserialize(item.Data, ContractsJsonContext.Default.EventEnvelope)!;
                yield return envelope;
                if (envelope.Kind == "run.concluded")
                {
                    yield break;
                }
            }
        }

        throw new EndOfStreamException("The stream ended before the run did.");
    }
}
