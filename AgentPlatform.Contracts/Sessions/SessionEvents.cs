using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts.Sessions;

/// <summary>
/// <c>GET /api/v1/sessions/{id}/events</c>: some of what an agent did, oldest first. The query <c>after</c> is the sequence to go on behind,
/// <c>limit</c> the most events, <c>waitSeconds</c> how long the answer may be held back until there is something.
/// </summary>
/// <param name="Events">Neighbours; their data is redacted.</param>
/// <param name="Next">The sequence to ask behind next.</param>
/// <param name="End">The agent has ended and this page reaches its last event.</param>
public sealed record SessionEventsPage(IReadOnlyList<EventEnvelope> Events, long Next, bool End);

/// <summary>The kinds of a session's events. The properties named here are texts in the event's data.</summary>
public static class SessionEventKinds
{
    /// <summary>The agent says <c>text</c>.</summary>
    public const string MessageDelta = "agent.message_delta";

    /// <summary>The agent thinks <c>text</c>.</summary>
    public const string Thought = "agent.thought";

    /// <summary>The agent uses the tool <c>name</c> with <c>input</c>, a JSON object as text.</summary>
    public const string ToolCall = "agent.tool_call";

    /// <summary>A tool came to <c>output</c>.</summary>
    public const string ToolUpdate = "agent.tool_update";

    /// <summary>The agent's own word on itself, <c>text</c>, such as a retry.</summary>
    public const string Status = "agent.status";

    /// <summary>Tokens of the turn so far.</summary>
    public const string Usage = "agent.usage";

    /// <summary>The turn is over.</summary>
    public const string TurnEnded = "agent.turn_ended";
}

/// <summary>Limits of the sessions API.</summary>
public static class SessionLimits
{
    /// <summary>Events in one page.</summary>
    public const int EventsMax = 200;

    /// <summary>The longest that a call is held back until there is something to say.</summary>
    public const int WaitSecondsMax = 25;
}

/// <summary>Generated JSON code for the sessions API.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SessionEventsPage))]
public sealed partial class SessionsJsonContext : JsonSerializerContext;
