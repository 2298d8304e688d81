using System.Globalization;
using System.Text.RegularExpressions;
using AgentPlatform.Emulators.GitHub.Git;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.Pages;

#pragma warning disable CS1591 // Public only because Razor makes its components public; the names say what the page shows.

/// <summary>What the page of a pull request shows, as of one moment.</summary>
public sealed partial record PullModel(
    string Repository, int Number, string Title, string State, string Author, string? Body, string Base, string Head, string HeadSha,
    int Commits, string Control,
    IReadOnlyList<PullModel.CheckRow> Checks, IReadOnlyList<PullModel.CommentRow> Comments, IReadOnlyList<PullModel.FileRow> Files)
{
    private const int LinesMax = 2_000;
    private const int FilesMax = 100;

    public sealed record CheckRow(long Id, CheckSign Sign, string Result, bool Completed, string? Title, string? Summary, string? Text,
        IReadOnlyList<AnnotationRow> Annotations);

    public sealed record AnnotationRow(string Path, int Line, string Level, string? Title, string Message);

    public sealed record CommentRow(string Author, string When, bool Edited, string Body);

    public sealed record FileRow(string Name, int Additions, int Deletions, IReadOnlyList<LineRow> Lines);

    public sealed record LineRow(string Kind, string OldNumber, string NewNumber, string Text, IReadOnlyList<AnnotationRow> Annotations);

    /// <summary>The caller holds the state's gate.</summary>
    internal static PullModel Of(PullRequest pull)
    {
        var repository = pull.Repository;
        var runs = repository.CheckRuns.Where(run => run.HeadSha == pull.Change.HeadSha).GroupBy(run => run.Name)
            .Select(group => group.Last()).ToList();
        var annotations = runs.SelectMany(run => run.Annotations).Select(Row)
            .ToLookup(annotation => annotation.Path, StringComparer.Ordinal);
        return new PullModel(
            repository.FullName, pull.Number, pull.Title, OverviewModel.StateOf(pull), pull.User.Login, pull.Body, pull.BaseRef,
            $"{pull.HeadOwner.Login}:{pull.HeadRef}", pull.Change.HeadSha, pull.Change.Commits,
            $"/control/github/repositories/{Uri.EscapeDataString(repository.Owner.Login)}/{Uri.EscapeDataString(repository.Name)}",
            [.. runs.Select(run => new CheckRow(run.Id, CheckSign.Of(run), run.Conclusion ?? run.Status, run.Status == "completed",
            run.Title, run.Summary, run.Text, [.. run.Annotations.Select(Row)]))],
            [.. repository.Comments.Where(comment => comment.IssueNumber == pull.Number).Select(comment =>
                new CommentRow(comment.User.Login, comment.CreatedAt.ToString("u", CultureInfo.InvariantCulture),
                    comment.UpdatedAt > comment.CreatedAt, comment.Body))],
            [.. pull.Change.Files.Take(FilesMax)
            .Select(file => new FileRow(file.Path, file.Additions, file.Deletions,
            Lines(file, annotations[file.Path].ToLookup(annotation => annotation.Line))))]);
    }

    private static AnnotationRow Row(Annotation annotation) =>
        new(annotation.Path, annotation.EndLine, annotation.Level, annotation.Title, annotation.Message);

    private static List<LineRow> Lines(GitDiffFile file, ILookup<int, AnnotationRow> annotations)
    {
        var (lines, before, after) = (new List<LineRow>(), 0, 0);
        foreach (var text in (file.Patch ?? string.Empty).Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(LinesMax))
        {
            if (Hunk().Match(text) is { Success: true } hunk)
            {
                (before, after) = (First(hunk.Groups[1]), First(hunk.Groups[2]));
                lines.Add(new LineRow("hunk", string.Empty, string.Empty, text, []));
            }
            else if (text[0] == '-')
            {
                lines.Add(new LineRow("removed", Text(before++), string.Empty, text, []));
            }
            else if (text[0] is '+' or ' ')
            {
                lines.Add(new LineRow(text[0] == '+' ? "added" : string.Empty, text[0] == '+' ? string.Empty : Text(before++), Text(after),
                    text, [.. annotations[after]]));
                after++;
            }
        }

        return lines;
    }

    private static int First(Group group) => int.Parse(group.ValueSpan, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")]
    private static partial Regex Hunk();
}
