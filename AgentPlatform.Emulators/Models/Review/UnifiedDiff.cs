using System.Globalization;
using System.Text.RegularExpressions;

namespace AgentPlatform.Emulators.Models.Review;

/// <summary>A line that a change adds.</summary>
internal sealed record AddedLine(string File, int Number, string Text);

/// <summary>Reads the added lines, with their numbers in the new file, out of a diff as git writes it.</summary>
internal static partial class UnifiedDiff
{
    private const int LinesMax = 20_000;

    public static bool IsDiff(string text) => Header().IsMatch(text);

    public static IReadOnlyList<AddedLine> Added(string diff)
    {
        var added = new List<AddedLine>();
        string? file = null;
        var number = 0;
        foreach (var line in diff.Split('\n').Take(LinesMax).Select(line => line.TrimEnd('\r')))
        {
            if (line.StartsWith("diff --git ", StringComparison.Ordinal))
            {
                (file, number) = (null, 0);
            }
            else if (number == 0 && line.StartsWith("+++ ", StringComparison.Ordinal))
            {
                file = line[4..] == "/dev/null" ? null : Name(line[4..]);
            }
            else if (Hunk().Match(line) is { Success: true } hunk)
            {
                number = int.Parse(hunk.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            }
            else if (number > 0 && file is not null && line.Length > 0 && line[0] is '+' or ' ')
            {
                if (line[0] == '+')
                {
                    added.Add(new AddedLine(file!, number, line[1..]));
                }

                number++;
            }
        }

        return added;
    }

    /// <summary>Git writes the name after <c>b/</c>, in quotes where it holds unusual letters.</summary>
    private static string Name(string text)
    {
        var name = text.Trim('"').TrimEnd('\t');
        return name.StartsWith("b/", StringComparison.Ordinal) ? name[2..] : name;
    }

    [GeneratedRegex("^diff --git ", RegexOptions.Multiline)]
    private static partial Regex Header();

    [GeneratedRegex(@"^@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@")]
    private static partial Regex Hunk();
}
