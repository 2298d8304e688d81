using System.Globalization;
using System.Runtime.CompilerServices;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Sessions;

namespace AgentPlatform.Client;

/// <summary><c>/api/v1/sessions</c>.</summary>
public sealed class SessionsClient
{
    private readonly AgentPlatformClient _client;

    internal SessionsClient(AgentPlatformClient client) => _client = client;

    /// <summary>Some of what an agent did.</summary>
    /// <param name="session">The agent's session.</param>
    /// <param name="after">The last sequence that is known; 0 for the beginning.</param>
    /// <param name="waitSeconds">How long the answer may be held back until there is something; at most <see cref="SessionLimits.WaitSecondsMax"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<SessionEventsPage> EventsAsync(SessionId session, long after, int waitSeconds, CancellationToken cancellationToken) => _client.GetAsync(
        string.Create(CultureInfo.InvariantCulture, $"api/v1/sessions/{session}/events?after={after}&waitSeconds={waitSeconds}"),
        SessionsJsonContext.Default.SessionEventsPage,
        cancellationToken);

    /// <summary>What an agent does behind a sequence, as it does it, until it has ended.</summary>
    public async IAsyncEnumerable<EventEnvelope> WatchAsync(SessionId session, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SessionEventsPage page;
        do
        {
            page = await EventsAsync(session, after, SessionLimits.WaitSecondsMax, cancellationToken).ConfigureAwait(false);
            foreach (var said in page.Events)
            {
                yield return said;
            }

            after = page.Next;
        }
        while (!page.End);
    }
}
