using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentPlatform.Emulators.Models.Behaviour;

namespace AgentPlatform.Emulators.Models.Review;

/// <summary>
/// Reviews a change the way a model does through an agent: it asks for the diff, reads the files that look suspicious, and answers
/// with findings. It knows the change only by what the tools tell it.
/// </summary>
internal static partial class Reviewer
{
    private const int FilesMax = 10;
    private const string DefaultCommand = "git diff --no-color HEAD^ HEAD";
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The next answer of a review, or null when the prompt asks for none.</summary>
    public static Reply? Next(Conversation conversation)
    {
        if (!AsksForReview().IsMatch(conversation.Prompt) || !conversation.Prompt.Contains("findings", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var (diff, failed) = FindDiff(conversation);
        if (diff is null)
        {
            return failed is null && Toolbox.Run(conversation, Command(conversation.Prompt)) is { } ask
                ? new Reply([new ReplyPart.Text("I start with the change itself."), ask], new Manner())
                : Reply.Say($"I could not read the change: {failed ?? "there is no tool to run git with."}");
        }

        var added = UnifiedDiff.Added(diff);
        var suspects = added.Where(ReviewRules.IsSuspect).Select(line => line.File).Distinct().Take(FilesMax).ToList();
        var unread = suspects.Where(file => Content(conversation, file) is null).ToList();
        var reads = unread.Select(file => Toolbox.Read(conversation, file)).OfType<ReplyPart.ToolCall>().ToList();
        if (reads.Count > 0)
        {
            return new Reply([new ReplyPart.Text($"Now the files around it: {string.Join(", ", unread)}."), .. reads], new Manner());
        }

        var findings = added.SelectMany(line => ReviewRules.Inspect(line, Content(conversation, line.File) ?? [])).ToList();
        return Reply.Say(Report(conversation.Prompt, added, findings));
    }

    private static (string? Diff, string? Failed) FindDiff(Conversation conversation)
    {
        if (UnifiedDiff.IsDiff(conversation.Prompt))
        {
            return (conversation.Prompt, null);
        }

        // Asking for the diff is what a review begins with, so the first outcome is that.
        return conversation.Outcomes switch
        {
            [] => (null, null),
            [{ Failed: false, Output: var output }, ..] when UnifiedDiff.IsDiff(output) || NoOutput().IsMatch(output) => (output, null),
            [var first, ..] => (null, first.Output),
        };
    }

    /// <summary>The command that the prompt names, in backquotes or on a line of its own.</summary>
    private static string Command(string prompt)
    {
        var match = DiffCommand().Match(prompt);
        return match.Success ? match.Groups[1].Value.Trim() : DefaultCommand;
    }

    /// <summary>The lines of a file that a tool has read, or null when none has. A failed read counts as an empty file.</summary>
    private static string[]? Content(Conversation conversation, string file)
    {
        var outcome = conversation.Outcomes.FirstOrDefault(outcome => !UnifiedDiff.IsDiff(outcome.Output) && Names(outcome.Input, file));
        return outcome is null ? null : outcome.Failed ? [] : Toolbox.Unnumbered(outcome.Output).Split('\n');
    }

    private static bool Names(JsonObject input, string file) =>
        input["file_path"] is { } path
            ? path.GetValue<string>().EndsWith(file, StringComparison.Ordinal)
            : input.Any(pair => pair.Value?.ToString().Contains($"cat -- {Toolbox.Quote(file)}", StringComparison.Ordinal) == true);

    private static string Report(string prompt, IReadOnlyList<AddedLine> added, List<Finding> findings)
    {
        var files = added.Select(line => line.File).Distinct().Count();
        var summary = findings.Count == 0
            ? $"I read {added.Count} added lines in {files} files and found nothing to object to."
            : $"I read {added.Count} added lines in {files} files and found {findings.Count} {(findings.Count == 1 ? "problem" : "problems")}.";
        var report = new JsonObject
        {
            ["findings"] = new JsonArray([.. findings.Select(finding => new JsonObject
            {
                ["file"] = finding.File, ["line"] = finding.Line, ["severity"] = finding.Severity, ["title"] = finding.Title,
                    ["message"] = finding.Message,
            })]),
        };
        if (prompt.Contains("\"summary\"", StringComparison.Ordinal))
        {
            report.Insert(0, "summary", summary);
        }

        return $"{summary}\n\n```json\n{report.ToJsonString(Readable)}\n```";
    }

    [GeneratedRegex(@"\breview\b", RegexOptions.IgnoreCase)]
    private static partial Regex AsksForReview();

    /// <summary>What agents show of a command that printed nothing: nothing, a remark of theirs, or their own heading with an exit code of 0.</summary>
    [GeneratedRegex(@"^\s*$|^\(.*no output\)$|exited with code 0\s(?:.*\n)*Output:\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex NoOutput();

    [GeneratedRegex(@"(?:`|^\s*)(git(?: -[^\s`]+)* diff[^`\r\n]*)", RegexOptions.Multiline)]
    private static partial Regex DiffCommand();
}
