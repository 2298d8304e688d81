using System.Globalization;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;

namespace Services.Sessions.Agents.ClaudeCode;

/// <summary>
/// How Claude Code is started for one turn, in its structured mode. The flags keep it from everything that a pull request can bring along:
/// its settings, hooks, key helpers and MCP servers. The key in its environment is none: the model door adds the real one outside.
/// </summary>
internal static class ClaudeCodeProgram
{
    public static StartCommandRequest Command(CommandId id, long generation, SessionId session, string? model, int turnsMax, int timeoutSeconds)
    {
        List<string> argv =
        [
            "claude", "-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose",
            "--session-id", session.Value.ToString("D"),
            "--setting-sources", "user", "--strict-mcp-config",
            "--tools", "Bash,Read,Grep,Glob", "--permission-mode", "bypassPermissions",
            "--max-turns", turnsMax.ToString(CultureInfo.InvariantCulture),
        ];
        if (model is not null)
        {
            argv.AddRange(["--model", model]);
        }

        return new StartCommandRequest(id, generation, "claude-code", argv, Environment: Environment, Input: true, TimeoutSeconds: timeoutSeconds);
    }

    /// <summary>The prompt as the program's first and only input line.</summary>
    public static byte[] Prompt(string text)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", "user");
            json.WriteStartObject("message");
            json.WriteString("role", "user");
            json.WriteStartArray("content");
            json.WriteStartObject();
            json.WriteString("type", "text");
            json.WriteString("text", text);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteNull("parent_tool_use_id");
            json.WriteString("session_id", string.Empty);
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static Dictionary<string, string> Environment { get; } = new()
    {
        ["ANTHROPIC_UNIX_SOCKET"] = InstancePaths.ModelSocket,
        ["ANTHROPIC_BASE_URL"] = InstancePaths.ModelUrl,
        ["ANTHROPIC_API_KEY"] = "held-by-the-model-door",
        ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] = "1",
        ["DISABLE_TELEMETRY"] = "1",
        ["DISABLE_ERROR_REPORTING"] = "1",
        ["DISABLE_AUTOUPDATER"] = "1",
        ["IS_SANDBOX"] = "1",
    };
}
