using System.Globalization;
using System.Text;

namespace AgentPlatform.Emulators.GitHub.Git;

/// <summary>
/// A commit in the input language of <c>git fast-import</c>: one process makes it, whatever its size, and no name is an argument.
/// </summary>
internal static class FastImport
{
    /// <exception cref="FormatException">The branch's name holds a control character, which would be a command of its own.</exception>
    public static byte[] Write(GitChange change)
    {
        if (change.Branch.Any(char.IsControl))
        {
            throw new FormatException("A branch's name holds no control characters.");
        }

        using var stream = new MemoryStream();
        var person = $"{Clean(change.Author.Name)} <{Clean(change.Author.Email)}> {change.Author.When.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)} +0000";
        Line(stream, $"commit refs/heads/{change.Branch}");
        Line(stream, $"author {person}");
        Line(stream, $"committer {person}");
        Data(stream, Encoding.UTF8.GetBytes(change.Message));
        if (change.Parent is not null)
        {
            Line(stream, $"from {change.Parent}");
        }

        if (!change.KeepOthers)
        {
            Line(stream, "deleteall");
        }

        foreach (var file in change.Files)
        {
            if (file.Content is null)
            {
                Line(stream, $"D {Quote(file.Path)}");
            }
            else
            {
                Line(stream, $"M {file.Mode} inline {Quote(file.Path)}");
                Data(stream, file.Content);
            }
        }

        Line(stream, string.Empty);
        Line(stream, "done");
        return stream.ToArray();
    }

    private static void Line(MemoryStream stream, string text)
    {
        stream.Write(Encoding.UTF8.GetBytes(text));
        stream.WriteByte((byte)'\n');
    }

    private static void Data(MemoryStream stream, byte[] content)
    {
        Line(stream, $"data {content.Length.ToString(CultureInfo.InvariantCulture)}");
        stream.Write(content);
        stream.WriteByte((byte)'\n');
    }

    private static string Clean(string text) => string.Concat(text.Where(c => c is not ('<' or '>' or '\n' or '\0')));

    private static string Quote(string path) =>
        $"\"{path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
