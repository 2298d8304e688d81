using System.Linq.Expressions;
using AgentPlatform.Contracts.Runs;
using Services.Scheduler.Findings;
using Services.Scheduler.Policies;
using Services.Scheduler.Runs;
using Services.Scheduler.Steps;

namespace Services.Scheduler.Api;

/// <summary>Rows as the public API shows them.</summary>
internal static class RunViewing
{
    private const int TraceparentLength = 55;

    /// <summary>For queries: reads no more columns than it shows.</summary>
    public static Expression<Func<RunRow, RunSummary>> Summary { get; } = run => new RunSummary(
        run.Id, run.Repository, run.Subject, run.Kind, run.PullRequest, run.Title, run.HeadSha, run.HeadRef, run.Workflow, run.Attempt, run.Phase,
        run.Conclusion, run.Ending, run.Reason, run.Trigger, run.CreatedBy, run.QueuedAt, run.AdmittedAt, run.StartedAt, run.ConcludedAt, TraceIdOf(run.Traceparent));

    private static readonly Func<RunRow, RunSummary> CompiledSummary = Summary.Compile();

    public static RunSummary ToSummary(this RunRow run) => CompiledSummary(run);

    public static RunDetail ToDetail(RunRow run, IReadOnlyList<StepRow> steps, IReadOnlyList<FindingRow> findings) => new(
        run.ToSummary(), run.BaseSha, run.Version, run.Generation, run.Faults, run.Host, run.Instance, run.Report, run.CheckRunId,
        new RunProgress(
            steps.Count(step => step.State is not (StepState.Waiting or StepState.Running)), steps.Count, steps.FirstOrDefault(step => step.State == StepState.Running)?.Name),
        [.. steps.Select(ToView)],
        [.. findings.Select(finding => new RunFinding(
            finding.Id, finding.StepId, finding.File, finding.Line, finding.Severity, finding.Title, finding.Message))]);

    /// <summary>The trace id within a W3C traceparent.</summary>
    public static string? TraceIdOf(string? traceparent) => traceparent is { Length: TraceparentLength } ? traceparent.Substring(3, 32) : null;

    private static RunStep ToView(StepRow step) => new(
        step.Id, step.Name, Kind(step.Kind), step.State, step.ExitCode, step.Summary, step.StartedAt, step.EndedAt, step.LogBytes, step.LogTruncated, step.Session);

    private static string Kind(StepKind kind) => kind switch
    {
        StepKind.Setup => "setup",
        StepKind.Review => "review",
        _ => "command",
    };
}
