using System.Text.Json;

namespace Services.Sessions.Agents.ClaudeCode;

/// <summary>
/// Translates lines of Claude Code's stream-json output. A line that is no JSON, or of a kind not known here, is passed over: the program
/// says more than we need, and newer versions say it differently. Whole objects are read, since the key <c>type</c> need not come first.
/// </summary>
internal static class ClaudeCodeOutput
{
    /// <summary>Characters of one text kept in an event; the agent's full output stays in the command's spool.</summary>
    private const int TextMax = 32 * 1024;

    public static IReadOnlyList<AgentEvent> Read(ReadOnlyMemory<byte> line)
    {
        if (line.Length == 0 || line.Span[0] != '{')
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return Text(root, "type") switch
            {
                "assistant" => [.. Assistant(root)],
                "user" => [.. ToolResults(root)],
                "system" => [.. System(root)],
                "result" => [.. Result(root)],
                _ => [],
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second is for bytes that are not UTF-8.
            return [];
        }
    }

    private static IEnumerable<AgentEvent> Assistant(JsonElement root)
    {
        foreach (var block in Content(root))
        {
            switch (Text(block, "type"))
            {
                case "text":
                    yield return new AgentEvent.MessageDelta(Cut(Text(block, "text")));
                    break;
                case "thinking":
                    yield return new AgentEvent.Thought(Cut(Text(block, "thinking")));
                    break;
                case "tool_use":
                    var input = block.TryGetProperty("input", out var given) ? given.GetRawText() : "{}";
                    yield return new AgentEvent.ToolCall(Cut(Text(block, "id")), Cut(Text(block, "name")), Cut(input));
                    break;
            }
        }
    }

    private static IEnumerable<AgentEvent> ToolResults(JsonElement root)
    {
        foreach (var block in Content(root).Where(block => Text(block, "type") == "tool_result"))
        {
            var failed = block.TryGetProperty("is_error", out var error) && error.ValueKind == JsonValueKind.True;
            var output = block.TryGetProperty("content", out var content)
                ? content.ValueKind == JsonValueKind.String ? JsonTexts.Of(content) : content.GetRawText()
                : string.Empty;
            yield return new AgentEvent.ToolUpdate(Cut(Text(block, "tool_use_id")), failed, Cut(output));
        }
    }

    private static IEnumerable<AgentEvent> System(JsonElement root)
    {
        switch (Text(root, "subtype"))
        {
            case "api_retry":
                yield return new AgentEvent.Status($"the model answered {Text(root, "error")}; trying again");
                break;
            case "permission_denied":
                yield return new AgentEvent.Status($"the use of {Text(root, "tool_name")} was denied");
                break;
        }
    }

    private static IEnumerable<AgentEvent> Result(JsonElement root)
    {
        if (root.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object)
        {
            var input = Number(usage, "input_tokens") + Number(usage, "cache_read_input_tokens") + Number(usage, "cache_creation_input_tokens");
            yield return new AgentEvent.Usage(input, Number(usage, "output_tokens"));
        }

        // The subtype says success for errors of the model too; is_error is what counts.
        var failed = root.TryGetProperty("is_error", out var error) && error.ValueKind == JsonValueKind.True;
        var end = (Text(root, "subtype"), Text(root, "terminal_reason"), failed) switch
        {
            ("error_max_turns" or "error_max_budget_usd", _, _) => TurnEnd.Limited,
            (_, "aborted_streaming", _) => TurnEnd.Interrupted,
            (_, "api_error", _) => TurnEnd.ModelError,
            (_, _, true) => TurnEnd.AgentError,
            _ => TurnEnd.Completed,
        };
        var text = Text(root, "result");
        yield return new AgentEvent.TurnEnded(end, text, (int)Number(root, "num_turns"), end == TurnEnd.Completed ? null : Cut(text.Length > 0 ? text : Text(root, "subtype")));
    }

    private static IEnumerable<JsonElement> Content(JsonElement root) =>
        root.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.Object
        && message.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array
            ? content.EnumerateArray().Where(block => block.ValueKind == JsonValueKind.Object)
            : [];

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? JsonTexts.Of(value) : string.Empty;

    private static long Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : 0;

    private static string Cut(string text) => text.Length <= TextMax ? text : text[..TextMax];
}
