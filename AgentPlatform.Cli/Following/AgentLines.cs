using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Sessions;

namespace AgentPlatform.Cli.Following;

/// <summary>What an agent does, in lines for people.</summary>
internal static class AgentLines
{
    private const int LineMax = 300;
    private const int OutputLinesMax = 3;

    /// <summary>The inputs of tools that say most, in this order.</summary>
    private static readonly string[] TellingInputs = ["command", "file_path", "path", "pattern", "url", "query", "description"];

    /// <summary>None for what says nothing to people.</summary>
    public static IEnumerable<string> Of(EventEnvelope said) => said.Kind switch
    {
        SessionEventKinds.MessageDelta => Lines(Text(said.Data, "text"), int.MaxValue),
        SessionEventKinds.Thought => Lines(Text(said.Data, "text"), OutputLinesMax).Select(line => $"  {line}"),
        SessionEventKinds.ToolCall => [$"{Text(said.Data, "name")} {Input(Text(said.Data, "input"))}"],
        SessionEventKinds.ToolUpdate => Lines(Text(said.Data, "output"), OutputLinesMax).Select(line => $"  {line}"),
        SessionEventKinds.Status => Lines(Text(said.Data, "text"), 1),
        _ => [],
    };

    private static IEnumerable<string> Lines(string text, int max)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var line in lines.Take(max))
        {
            yield return TerminalText.Short(line, LineMax);
        }

        if (lines.Length > max)
        {
            yield return $"… {lines.Length - max} more lines";
        }
    }

    /// <summary>The part of a tool's input that tells most of it; else all of it.</summary>
    private static string Input(string json)
    {
        try
        {
            using var input = JsonDocument.Parse(json);
            var telling = TellingInputs.Select(name => Text(input.RootElement, name)).FirstOrDefault(value => value.Length > 0);
            return TerminalText.Short(telling ?? json, LineMax);
        }
        catch (JsonException)
        {
            // An input that was cut is no JSON any more.
            return TerminalText.Short(json, LineMax);
        }
    }

    private static string Text(JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : string.Empty;
}
