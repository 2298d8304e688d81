using AgentPlatform.Emulators.Models.Control;
using AgentPlatform.Emulators.Models.Review;

namespace AgentPlatform.Emulators.Models.Behaviour;

/// <summary>
/// What stands in for a model: it follows orders in the prompt, else reviews when asked for a review, else repeats what it was told.
/// </summary>
internal sealed class Script(Directives directives, ModelFaults faults)
{
    private const int EchoMax = 200;

    public Reply Next(string api, Conversation conversation)
    {
        var reply = directives.Next(conversation) ?? Reviewer.Next(conversation) ?? Echo(conversation);
        return faults.Take(api) is { } manner ? reply with { Manner = manner } : reply;
    }

    private static Reply Echo(Conversation conversation)
    {
        var line = conversation.Prompt.Split('\n', 2)[0].Trim();
        return Reply.Say($"echo: {line[..Math.Min(line.Length, EchoMax)]}");
    }
}
