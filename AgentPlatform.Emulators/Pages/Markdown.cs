using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;

namespace AgentPlatform.Emulators.Pages;

/// <summary>
/// The part of Markdown that reports use: headings, lists, tables, fenced and inline code, bold, links. Everything is escaped before
/// anything is marked up, so no text can bring a tag of its own, and links lead to http addresses only.
/// </summary>
internal static partial class Markdown
{
    private const int LengthMax = 200_000;

    public static MarkupString Render(string? text)
    {
        var html = new StringBuilder();
        var lines = new Queue<string>((text ?? string.Empty)[..Math.Min(text?.Length ?? 0, LengthMax)].ReplaceLineEndings("\n")
            .Split('\n'));
        while (lines.TryDequeue(out var line))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                html.Append("<pre>").Append(WebUtility.HtmlEncode(string.Join('\n',
                    Take(lines, next => !next.StartsWith("```", StringComparison.Ordinal))))).Append("</pre>");
                lines.TryDequeue(out _);
            }
            else if (Heading().Match(line) is { Success: true } heading)
            {
                html.Append("<h3>").Append(Inline(heading.Groups[1].Value)).Append("</h3>");
            }
            else if (ListItem().IsMatch(line))
            {
                html.Append("<ul>").AppendJoin(string.Empty, Take(lines, next => ListItem().IsMatch(next)).Prepend(line)
                    .Select(item => $"<li>{Inline(ListItem().Replace(item, string.Empty))}</li>")).Append("</ul>");
            }
            else if (line.StartsWith('|'))
            {
                Table(html, Take(lines, next => next.StartsWith('|')).Prepend(line));
            }
            else if (!string.IsNullOrWhiteSpace(line) && !Comment().IsMatch(line))
            {
                html.Append("<p>").AppendJoin("<br>", Take(lines, IsText).Prepend(line).Select(Inline)).Append("</p>");
            }
        }

        return new MarkupString(html.ToString());
    }

    private static void Table(StringBuilder html, IEnumerable<string> rows)
    {
        html.Append("<table>");
        foreach (var (index, row) in rows.Where(row => !Separator().IsMatch(row)).Index())
        {
            var cell = index == 0 ? "th" : "td";
            html.Append("<tr>").AppendJoin(string.Empty, row.Trim().Trim('|').Split('|')
                .Select(text => $"<{cell}>{Inline(text.Trim())}</{cell}>")).Append("</tr>");
        }

        html.Append("</table>");
    }

    private static List<string> Take(Queue<string> lines, Func<string, bool> wanted)
    {
        var taken = new List<string>();
        while (lines.TryPeek(out var next) && wanted(next))
        {
            taken.Add(lines.Dequeue());
        }

        return taken;
    }

    private static bool IsText(string line) =>
        !string.IsNullOrWhiteSpace(line) && !line.StartsWith("```", StringComparison.Ordinal) && !line.StartsWith('|') && !Heading()
            .IsMatch(line) && !ListItem().IsMatch(line) && !Comment().IsMatch(line);

    private static string Inline(string text)
    {
        var escaped = WebUtility.HtmlEncode(text);
        var code = Code().Replace(escaped, "<code>$1</code>");
        var bold = Bold().Replace(code, "<b>$1</b>");
        return Link().Replace(bold, "<a href=\"$2\" rel=\"noreferrer\">$1</a>");
    }

    [GeneratedRegex(@"^#{1,6}\s+(.*)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\s*[-*]\s+")]
    private static partial Regex ListItem();

    [GeneratedRegex(@"^\|[\s|:-]+\|?\s*$")]
    private static partial Regex Separator();

    [GeneratedRegex(@"^\s*<!--.*-->\s*$")]
    private static partial Regex Comment();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\*\*([^*]+)\*\*")]
    private static partial Regex Bold();

    [GeneratedRegex(@"\[([^\]<>]+)\]\((https?://[^\s()<>&""']+)\)")]
    private static partial Regex Link();
}
