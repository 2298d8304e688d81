using System.Text.Json.Nodes;

namespace AgentPlatform.Emulators.Models.Behaviour;

/// <summary>A tool that the agent offers.</summary>
internal sealed record ToolOffer(string Name, IReadOnlyList<string> Parameters);

/// <summary>A tool call that the agent has carried out since the prompt.</summary>
internal sealed record ToolOutcome(string Name, JsonObject Input, string Output, bool Failed);

/// <summary>What a provider's request says, in no provider's words.</summary>
/// <param name="System">Instructions of the agent itself.</param>
/// <param name="Prompt">What a person, or the platform, asked last.</param>
/// <param name="Outcomes">The tool calls since then, in order.</param>
/// <param name="InputTokens">An estimate for the whole request.</param>
internal sealed record Conversation(
    string Model, string System, string Prompt, IReadOnlyList<ToolOutcome> Outcomes, IReadOnlyList<ToolOffer> Tools, int InputTokens);

/// <summary>A part of an answer.</summary>
internal abstract record ReplyPart
{
    public sealed record Text(string Value) : ReplyPart;

    public sealed record ToolCall(string Name, JsonObject Input) : ReplyPart;
}

/// <summary>How an answer is given.</summary>
/// <param name="Status">An error status in place of the answer.</param>
/// <param name="Stall">Silence before the first byte.</param>
/// <param name="PerPiece">A pause before each piece of text.</param>
/// <param name="Cut">Whether the connection breaks in the middle.</param>
internal sealed record Manner(int? Status = null, TimeSpan Stall = default, TimeSpan PerPiece = default, bool Cut = false);

/// <summary>An answer: text, tool calls, or both.</summary>
internal sealed record Reply(IReadOnlyList<ReplyPart> Parts, Manner Manner)
{
    public bool CallsTools => Parts.Any(part => part is ReplyPart.ToolCall);

    /// <summary>About four letters make a token.</summary>
    public int OutputTokens => Math.Max(1, Parts.Sum(part => part switch
    {
        ReplyPart.Text text => text.Value.Length,
        ReplyPart.ToolCall call => call.Input.ToJsonString().Length + call.Name.Length,
        _ => 0,
    }) / 4);

    public static Reply Say(string text) => new([new ReplyPart.Text(text)], new Manner());
}
