using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AgentPlatform.Emulators.Models.OpenAI;

/// <summary>What both of OpenAI's request forms have in common.</summary>
internal static partial class OpenAIMessages
{
    public static string? Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    /// <summary>Content is a text, or a list of parts that hold one.</summary>
    public static string Words(JsonNode? content) => content switch
    {
        JsonArray parts => string.Join('\n', parts.OfType<JsonObject>().Select(part => Text(part["text"])).OfType<string>()),
        _ => Text(content) ?? string.Empty,
    };

    /// <summary>What a person wrote: agents put their own remarks into a user's messages too, between tags or under a heading.</summary>
    public static string Prompt(JsonNode? content)
    {
        var words = AgentsRemark().Replace(Words(content), string.Empty).Trim();
        return words.StartsWith("# AGENTS.md", StringComparison.Ordinal) ? string.Empty : words;
    }

    /// <summary>Arguments travel as JSON inside a text.</summary>
    public static JsonObject Arguments(JsonNode? node)
    {
        try
        {
            return Text(node) is { } text ? JsonNode.Parse(text) as JsonObject ?? [] : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    public static IReadOnlyList<string> Parameters(JsonNode? schema) =>
        [.. (schema?["properties"] as JsonObject ?? []).Select(pair => pair.Key)];

    [GeneratedRegex(@"<(environment_context|user_instructions|INSTRUCTIONS|system-reminder|permissions instructions)>.*?</\1>",
        RegexOptions.Singleline)]
    private static partial Regex AgentsRemark();
}
