using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using AgentPlatform.Contracts.Runs;
using Services.Scheduler.Findings;
using Services.Scheduler.GitHub;
using Services.Scheduler.Runs;
using Services.Scheduler.Steps;

namespace Services.Scheduler.Reports;

/// <summary>
/// What people read on the pull request. Everything that came from an agent or a command is text there: it mentions nobody, hides
/// nothing and brings no markup of its own.
/// </summary>
internal static partial class ReportText
{
    /// <summary>GitHub's limit for a summary, less some room for the closing line.</summary>
    private const int SummaryMax = 65_000;
    private const int MessageMax = 60_000;
    private const int TitleMax = 250;
    private const int FindingsInCommentMax = 20;

    /// <summary>The check run's name: one suite stands for one App and commit, so the workflow is part of it.</summary>
    public static string CheckName(RunRow run) => $"AgentPlatform / {run.Workflow}";

    /// <summary>Tells our comment of this workflow from every other, and is invisible.</summary>
    public static string Marker(RunRow run) => $"<!-- agentplatform:{run.Forge}:{run.RepositoryId}:{run.Subject}:{run.Workflow} -->";

    /// <summary>
    /// GitHub knows no superseded; a superseded run was cancelled. And where a check is required, GitHub lets neutral pass: what the platform could not
    /// finish must not open the way to a merge, so a person is asked for instead.
    /// </summary>
    public static string Conclusion(RunConclusion conclusion) => conclusion switch
    {
        RunConclusion.Success => "success",
        RunConclusion.Failure => "failure",
        RunConclusion.TimedOut => "timed_out",
        RunConclusion.Skipped => "skipped",
        RunConclusion.Neutral or RunConclusion.ActionRequired => "action_required",
        _ => "cancelled",
    };

    /// <summary>GitHub shows a title as plain text.</summary>
    public static string Title(RunRow run) => Cut((run.Reason ?? (run.Phase == RunPhase.Concluded ? "concluded" : "under way")).ReplaceLineEndings(" "), TitleMax);

    public static string Summary(RunRow run, IReadOnlyList<StepRow> steps, IReadOnlyList<FindingRow> findings)
    {
        var text = new StringBuilder();
        if (steps.Count > 0)
        {
            text.AppendLine("| step | result | time |").AppendLine("|---|---|---|");
            foreach (var step in steps)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"| {step.Name} | {Sign(step.State)} {Plain(step.Summary ?? string.Empty)} | {Duration(step)} |");
            }

            text.AppendLine();
        }

        text.Append(CultureInfo.InvariantCulture, $"Commit `{run.HeadSha[..7]}`, attempt {run.Attempt}, ");
        text.AppendLine(findings.Count switch { 0 => "no findings.", 1 => "1 finding.", var count => $"{count} findings." });
        return Cut(text.ToString(), SummaryMax);
    }

    public static string Comment(RunRow run, IReadOnlyList<StepRow> steps, IReadOnlyList<FindingRow> findings, Uri? link)
    {
        var text = new StringBuilder();
        text.AppendLine(Marker(run));
        text.AppendLine(CultureInfo.InvariantCulture, $"### {Sign(run)} {CheckName(run)}: {Conclusion(run.Conclusion ?? RunConclusion.Neutral).Replace('_', ' ')}");
        text.AppendLine().AppendLine(Plain(run.Reason ?? string.Empty)).AppendLine();
        text.AppendLine(Summary(run, steps, findings));
        foreach (var finding in findings.Take(FindingsInCommentMax))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- **{Sign(finding.Severity)} `{Code(finding.File)}:{finding.Line}`** {Plain(finding.Title)}");
        }

        if (findings.Count > FindingsInCommentMax)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- and {findings.Count - FindingsInCommentMax} more, as annotations of the check");
        }

        if (link is not null)
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"[The run, its logs and its trace]({link})");
        }

        return Cut(text.ToString(), SummaryMax);
    }

    public static GitHubAnnotation Annotation(FindingRow finding) => new(
        finding.File, finding.Line, finding.Line,
        finding.Severity switch { FindingSeverity.Error => "failure", FindingSeverity.Warning => "warning", _ => "notice" },
        Cut(finding.Message, MessageMax),
        Cut(finding.Title, TitleMax));

    /// <summary>
    /// Text without markup: a mention calls nobody, a reference marks nothing, a comment hides nothing, an image loads nothing, an address is no link. A
    /// backslash is escaped like everything else, or it would take back the escape of what follows it.
    /// </summary>
    internal static string Plain(string text)
    {
        var calm = ReferencePattern().Replace(text, "$0\u200b");
        return PunctuationPattern().Replace(calm, @"\$0").Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace("://", @"\://", StringComparison.Ordinal).ReplaceLineEndings(" ");
    }

    private static string Code(string text) => text.Replace("`", "'", StringComparison.Ordinal).ReplaceLineEndings(" ");

    private static string Cut(string text, int max) => text.Length <= max ? text : string.Concat(text.AsSpan(0, max - 1), "…");

    private static string Duration(StepRow step) => step is { StartedAt: { } from, EndedAt: { } to }
        ? string.Create(CultureInfo.InvariantCulture, $"{(to - from).TotalSeconds:0.0} s")
        : string.Empty;

    private static string Sign(StepState state) => state switch
    {
        StepState.Passed => "✅",
        StepState.Failed or StepState.TimedOut => "❌",
        StepState.Skipped or StepState.Cancelled => "⏭️",
        _ => "⏳",
    };

    private static string Sign(RunRow run) => run.Conclusion switch
    {
        RunConclusion.Success => "✅",
        RunConclusion.Failure or RunConclusion.TimedOut => "❌",
        _ => "⚪",
    };

    private static string Sign(FindingSeverity severity) => severity switch { FindingSeverity.Error => "❌", FindingSeverity.Warning => "⚠️", _ => "ℹ️" };

    // A mention, a reference to an issue, and the beginning of an address without a scheme.
    [GeneratedRegex("@(?=[A-Za-z0-9])|#(?=[0-9])|GH-(?=[0-9])|www(?=\\.)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex ReferencePattern();

    [GeneratedRegex(@"[\\`*_\[\]~|#>!]", RegexOptions.CultureInvariant)]
    private static partial Regex PunctuationPattern();
}
