using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentPlatform.Emulators.Models.Behaviour;

namespace AgentPlatform.Emulators.Models.Anthropic;

/// <summary>Reads a request of the Messages API.</summary>
internal static partial class AnthropicRequest
{
    /// <summary>The conversation, or the first thing that is wrong with the request.</summary>
    public static (Conversation? Conversation, string? Refusal) Read(JsonObject body, bool counting)
    {
        if (Text(body["model"]) is not { Length: > 0 } model)
        {
            return (null, "model: Field required");
        }

        if (!counting && (body["max_tokens"] is not JsonValue tokens || !tokens.TryGetValue<int>(out var max) || max < 1))
        {
            return (null, "max_tokens: Field required");
        }

        if (body["messages"] is not JsonArray { Count: > 0 } messages)
        {
            return (null, "messages: at least one message is required");
        }

        var read = messages.Select(message => message as JsonObject).ToList();
        if (read.FindIndex(message =>
            Text(message?["role"]) is not ("user" or "assistant" or "system") || message!["content"] is null) is >= 0 and var wrong)
        {
            return (null, $"messages.{wrong}: Input should have a role of 'user' or 'assistant' and content");
        }

        var prompt = read.FindLastIndex(message => Text(message!["role"]) == "user" && Words(message!["content"]!).Length > 0);
        var system = string.Join('\n', Blocks(body["system"]).Concat(read.SelectMany(message => Blocks(message!["content"])))
            .Select(block => Text(block["text"])).OfType<string>());
        var tools = (body["tools"] as JsonArray ?? []).OfType<JsonObject>().Where(tool => Text(tool["name"]) is not null)
            .Select(tool => new ToolOffer(Text(tool["name"])!,
                [.. (tool["input_schema"]?["properties"] as JsonObject ?? []).Select(pair => pair.Key)]));
        return (new Conversation(
            model, system, prompt < 0 ? string.Empty : Words(read[prompt]!["content"]!), Outcomes(read.Skip(prompt + 1)!), [.. tools],
            Math.Max(1, body.ToJsonString().Length / 4)), null);
    }

    /// <summary>
    /// What a person wrote in a message: its text without what the agent put in between, and nothing where it carries tools' results.
    /// </summary>
    private static string Words(JsonNode content)
    {
        var blocks = Blocks(content).ToList();
        return blocks.Exists(block => Text(block["type"]) == "tool_result")
            ? string.Empty
            : Reminder().Replace(string.Join('\n', blocks.Select(block => Text(block["text"])).OfType<string>()), string.Empty).Trim();
    }

    private static List<ToolOutcome> Outcomes(IEnumerable<JsonObject> messages)
    {
        var (calls, outcomes) = (new Dictionary<string, JsonObject>(StringComparer.Ordinal), new List<ToolOutcome>());
        foreach (var block in messages.SelectMany(message => Blocks(message["content"])))
        {
            if (Text(block["type"]) == "tool_use" && Text(block["id"]) is { } id)
            {
                calls[id] = block;
            }
            else if (Text(block["type"]) == "tool_result" && Text(block["tool_use_id"]) is { } answered &&
                calls.TryGetValue(answered, out var call))
            {
                var failed = block["is_error"] is JsonValue value && value.TryGetValue<bool>(out var error) && error;
                var output = string.Join('\n', Blocks(block["content"]).Select(part => Text(part["text"])).OfType<string>());
                outcomes.Add(new ToolOutcome(Text(call["name"]) ?? string.Empty, call["input"] as JsonObject ?? [], Reminder()
                    .Replace(output, string.Empty), failed));
            }
        }

        return outcomes;
    }

    /// <summary>Content is a list of blocks, or a text that stands for one.</summary>
    private static IEnumerable<JsonObject> Blocks(JsonNode? content) => content switch
    {
        JsonArray blocks => blocks.OfType<JsonObject>(),
        JsonValue => [new JsonObject { ["type"] = "text", ["text"] = Text(content) }],
        _ => [],
    };

    private static string? Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    [GeneratedRegex("<system-reminder>.*?</system-reminder>", RegexOptions.Singleline)]
    private static partial Regex Reminder();
}
