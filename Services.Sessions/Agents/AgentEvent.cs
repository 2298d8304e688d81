using System.Text.Json.Serialization;
using AgentPlatform.Contracts.Sessions;

namespace Services.Sessions.Agents;

/// <summary>What any agent does, in one vocabulary. Adapters translate their program's own words into it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(MessageDelta), "message_delta")]
[JsonDerivedType(typeof(Thought), "thought")]
[JsonDerivedType(typeof(ToolCall), "tool_call")]
[JsonDerivedType(typeof(ToolUpdate), "tool_update")]
[JsonDerivedType(typeof(Status), "status")]
[JsonDerivedType(typeof(Usage), "usage")]
[JsonDerivedType(typeof(TurnEnded), "turn_ended")]
internal abstract record AgentEvent
{
    private AgentEvent()
    {
    }

    /// <summary>How the log names it.</summary>
    [JsonIgnore]
    public string Kind => this switch
    {
        MessageDelta => SessionEventKinds.MessageDelta,
        Thought => SessionEventKinds.Thought,
        ToolCall => SessionEventKinds.ToolCall,
        ToolUpdate => SessionEventKinds.ToolUpdate,
        Status => SessionEventKinds.Status,
        Usage => SessionEventKinds.Usage,
        _ => SessionEventKinds.TurnEnded,
    };

    /// <summary>The same event with each of its free texts changed.</summary>
    public AgentEvent Map(Func<string, string> change) => this switch
    {
        MessageDelta said => said with { Text = change(said.Text) },
        Thought thought => thought with { Text = change(thought.Text) },
        ToolCall call => call with { Id = change(call.Id), Name = change(call.Name), Input = change(call.Input) },
        ToolUpdate update => update with { Id = change(update.Id), Output = change(update.Output) },
        Status status => status with { Text = change(status.Text) },
        TurnEnded ended => ended with { Text = ended.Text is null ? null : change(ended.Text), Error = ended.Error is null ? null : change(ended.Error) },
        _ => this,
    };

    /// <summary>Text that the agent says.</summary>
    public sealed record MessageDelta(string Text) : AgentEvent;

    /// <summary>Text that the agent thinks.</summary>
    public sealed record Thought(string Text) : AgentEvent;

    /// <summary>The agent uses a tool.</summary>
    public sealed record ToolCall(string Id, string Name, string Input) : AgentEvent;

    /// <summary>What a tool came to.</summary>
    public sealed record ToolUpdate(string Id, bool Failed, string Output) : AgentEvent;

    /// <summary>The agent's own word on itself, such as a retry.</summary>
    public sealed record Status(string Text) : AgentEvent;

    /// <summary>Tokens of the turn so far.</summary>
    public sealed record Usage(long InputTokens, long OutputTokens) : AgentEvent;

    /// <summary>The turn is over, and why in truth.</summary>
    public sealed record TurnEnded(TurnEnd End, string? Text, int Turns, string? Error) : AgentEvent;
}

/// <summary>Why a turn ended.</summary>
[JsonConverter(typeof(AgentPlatform.Contracts.SnakeCaseEnumConverter<TurnEnd>))]
internal enum TurnEnd
{
    /// <summary>The agent was done.</summary>
    Completed,

    /// <summary>Somebody interrupted it.</summary>
    Interrupted,

    /// <summary>It reached the turns or the budget it was given.</summary>
    Limited,

    /// <summary>The model did not answer as it should.</summary>
    ModelError,

    /// <summary>The program failed.</summary>
    AgentError,
}
