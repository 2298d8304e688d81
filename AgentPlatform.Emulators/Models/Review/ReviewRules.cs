using System.Text.RegularExpressions;

namespace AgentPlatform.Emulators.Models.Review;

/// <summary>Something to say about a line, in the form that the review prompt asks for.</summary>
internal sealed record Finding(string File, int Line, string Severity, string Title, string Message);

/// <summary>
/// The honest little that this reviewer knows: five mistakes, each found by a rule that looks at the added line and, where that
/// alone does not decide, at the file around it.
/// </summary>
internal static partial class ReviewRules
{
    /// <summary>How far above a division a check of the divisor is looked for.</summary>
    private const int LinesAbove = 12;

    /// <summary>Whether a line needs a second look with the file beside it.</summary>
    public static bool IsSuspect(AddedLine line) => Inspect(line, []).Any();

    /// <param name="file">The lines of the new file, or none where it is not known.</param>
    public static IEnumerable<Finding> Inspect(AddedLine line, IReadOnlyList<string> file)
    {
        if (line.Text.TrimStart().StartsWith('#'))
        {
            yield break;
        }

        if (Division().Match(line.Text) is { Success: true } division && !IsChecked(division.Groups[1].Value, line, file))
        {
            var divisor = division.Groups[1].Value;
            yield return Say("error", "Division by zero",
                $"`{divisor}` may be zero here and nothing checks it before the division. With no values the command ends with a division by zero; refuse or answer that case first.");
        }

        if (OffByOne().IsMatch(line.Text))
        {
            yield return Say("error", "Off by one",
                "The comparison includes the length itself, so the last step reads one element past the end. Compare with `<`.");
        }

        if (UnquotedRemove().IsMatch(line.Text))
        {
            yield return Say("error", "Unquoted variable in rm -rf",
                "An empty or unexpected value deletes something else. Quote it, and refuse an empty value with `${name:?}`.");
        }

        if (PipedToShell().IsMatch(line.Text))
        {
            yield return Say("warning", "Downloaded text is run as it comes",
                "What is fetched is run without being checked. Pin a version and compare a checksum first.");
        }

        if (Secret().IsMatch(line.Text))
        {
            yield return Say("error", "A secret in the source",
                "This looks like a credential. Anybody who can read the repository has it now: revoke it, and read it from the environment.");
        }

        Finding Say(string severity, string title, string message) => new(line.File, line.Number, severity, title, message);
    }

    /// <summary>Whether the lines above, in the same function, compare the divisor with something.</summary>
    private static bool IsChecked(string divisor, AddedLine line, IReadOnlyList<string> file)
    {
        var number = Place(line, file);
        var check = new Regex(
            $@"(?:\$\{{?)?{Regex.Escape(divisor)}\b\}}?""?\s*(?:-(?:eq|ne|gt|ge|lt|le)\b|==|!=|<=?|>=?)|\[\s*\$#\s*-(?:gt|ne|eq|ge)",
            RegexOptions.None,
            TimeSpan.FromMilliseconds(200));
        return file.Take(number).Reverse().Take(LinesAbove).TakeWhile(text => !FunctionStart().IsMatch(text)).Any(text => check.IsMatch(text));
    }

    /// <summary>Where the line is in what a tool has shown of the file: some tools put lines of their own before it.</summary>
    private static int Place(AddedLine line, IReadOnlyList<string> file)
    {
        var same = file.Index().Where(candidate => candidate.Item.TrimEnd('\r') == line.Text).Select(candidate => candidate.Index).ToList();
        return same.Count > 0 ? same.MinBy(index => Math.Abs(index - (line.Number - 1))) : Math.Min(line.Number - 1, file.Count);
    }

    [GeneratedRegex(@"\$\(\([^)]*[/%]\s*\$?\{?([A-Za-z_][A-Za-z0-9_]*)")]
    private static partial Regex Division();

    [GeneratedRegex(@"for\s*\(.*<=\s*[\w.]+\.(?:length|Length|Count|size\(\))|while\s+\[\s+""?\$\{?i\}?""?\s+-le\s+""?\$(?:#|\{#)")]
    private static partial Regex OffByOne();

    [GeneratedRegex(@"\brm\s+-[a-zA-Z]*r[a-zA-Z]*\s+(?:[^""'\s]*/)?\$\{?\w+\}?(?:\s|/|$)")]
    private static partial Regex UnquotedRemove();

    [GeneratedRegex(@"\b(?:curl|wget)\b[^|]*\|\s*(?:sudo\s+)?(?:ba|da|z)?sh\b")]
    private static partial Regex PipedToShell();

    [GeneratedRegex(@"(?:password|secret|api_?key|token)\w*\s*[=:]\s*[""'][A-Za-z0-9+/_-]{16,}[""']", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    [GeneratedRegex(@"^\s*(?:function\s+)?[A-Za-z_]\w*\s*\(\)\s*\{")]
    private static partial Regex FunctionStart();
}
