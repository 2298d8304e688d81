using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AgentPlatform.Emulators.Models.Behaviour;

/// <summary>Says one and the same wish in the tools of whichever agent asks: Claude Code, Codex, Goose or another.</summary>
internal static partial class Toolbox
{
    /// <summary>Runs a shell command, or null where no tool can.</summary>
    public static ReplyPart.ToolCall? Run(Conversation conversation, string command)
    {
        foreach (var tool in conversation.Tools)
        {
            var name = tool.Name.ToUpperInvariant();
            var isShell = name is "BASH" or "SHELL" or "SHELL_COMMAND" or "EXEC_COMMAND" or "LOCAL_SHELL" ||
                name.EndsWith("__SHELL", StringComparison.Ordinal);
            if (!isShell)
            {
                continue;
            }

            if (tool.Parameters.Contains("cmd"))
            {
                return new ReplyPart.ToolCall(tool.Name, new JsonObject { ["cmd"] = command });
            }

            // Codex' older tool takes a list of words, every other one a text.
            var input = name == "SHELL" && tool.Parameters.Contains("workdir")
                ? new JsonObject { ["command"] = new JsonArray("bash", "-lc", command) }
                : new JsonObject { ["command"] = command };
            if (tool.Parameters.Contains("description"))
            {
                input["description"] = "Run a command";
            }

            return new ReplyPart.ToolCall(tool.Name, input);
        }

        return null;
    }

    /// <summary>Reads a file, by the agent's own tool for it or by a command.</summary>
    public static ReplyPart.ToolCall? Read(Conversation conversation, string path)
    {
        var reader = conversation.Tools.FirstOrDefault(tool => tool.Name == "Read" && tool.Parameters.Contains("file_path"));
        return reader is not null && WorkingDirectory(conversation) is { } directory
            ? new ReplyPart.ToolCall(reader.Name, new JsonObject { ["file_path"] = Path(directory, path) })
            : Run(conversation, $"cat -- {Quote(path)}");
    }

    /// <summary>Writes a file, by the agent's own tool for it or by a command.</summary>
    public static ReplyPart.ToolCall? Write(Conversation conversation, string path, string content)
    {
        var writer = conversation.Tools.FirstOrDefault(tool => tool.Name == "Write" && tool.Parameters.Contains("file_path"));
        return writer is not null && WorkingDirectory(conversation) is { } directory
            ? new ReplyPart.ToolCall(writer.Name, new JsonObject { ["file_path"] = Path(directory, path), ["content"] = content })
            : Run(conversation, $"printf %s {Quote(content)} > {Quote(path)}");
    }

    /// <summary>A tool's output as it was, without the line numbers that some tools put before each line.</summary>
    public static string Unnumbered(string output) => NumberedLine().Replace(output, string.Empty);

    /// <summary>A word for a POSIX shell.</summary>
    public static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>Where the agent says that it works.</summary>
    private static string? WorkingDirectory(Conversation conversation)
    {
        var match = WorkingDirectoryLine().Match(conversation.System);
        return match.Success ? match.Groups[1].Value.Trim() : null;
    }

    private static string Path(string directory, string path) =>
        path.StartsWith('/') ? path : string.Create(CultureInfo.InvariantCulture, $"{directory.TrimEnd('/')}/{path}");

    [GeneratedRegex(@"working directory:\s*(/[^\r\n<]*)", RegexOptions.IgnoreCase)]
    private static partial Regex WorkingDirectoryLine();

    [GeneratedRegex(@"^ *\d+(?:\u2192|\t)", RegexOptions.Multiline)]
    private static partial Regex NumberedLine();
}
