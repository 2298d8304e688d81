using System.Text;

namespace AgentPlatform.Cli.Following;

/// <summary>Text of others for a terminal: what a command or an agent printed must not steer it.</summary>
internal static class TerminalText
{
    private const string Tab = "  ";

    /// <summary>The text without control characters; a tab becomes spaces.</summary>
    public static string Plain(string text)
    {
        if (!text.Any(char.IsControl))
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            if (letter == '\t')
            {
                plain.Append(Tab);
            }
            else if (!char.IsControl(letter))
            {
                plain.Append(letter);
            }
        }

        return plain.ToString();
    }

    /// <summary>Several lines of text; their ends stay.</summary>
    public static string Lines(string text) => string.Join('\n', text.Split('\n').Select(Plain));

    /// <summary>At most so many characters on one line.</summary>
    public static string Short(string text, int max)
    {
        var plain = Plain(text.ReplaceLineEndings(" "));
        return plain.Length <= max ? plain : string.Concat(plain.AsSpan(0, max - 1), "…");
    }
}
