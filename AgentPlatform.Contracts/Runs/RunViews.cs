namespace AgentPlatform.Contracts.Runs;

/// <summary>A run as lists show it.</summary>
/// <param name="Id">The run.</param>
/// <param name="Repository">The repository's name, <c>owner/name</c>, as it was when the run was wanted.</param>
/// <param name="Subject">What it is about, such as <c>pr/12</c>.</param>
/// <param name="Kind">The kind of that.</param>
/// <param name="PullRequest">The pull request's number, if it is about one.</param>
/// <param name="Title">The pull request's title, for people.</param>
/// <param name="HeadSha">The commit.</param>
/// <param name="HeadRef">The branch's name, for people.</param>
/// <param name="Workflow">The workflow's name.</param>
/// <param name="Attempt">From 1.</param>
/// <param name="Phase">Where it stands.</param>
/// <param name="Conclusion">How it ended; null until <see cref="RunPhase.Concluded"/>.</param>
/// <param name="Ending">The conclusion that somebody asked for while a worker still holds it, or null.</param>
/// <param name="Reason">Why it stands there, for people.</param>
/// <param name="Trigger">What caused it, such as <c>pull_request.opened</c>.</param>
/// <param name="CreatedBy">Who caused it.</param>
/// <param name="QueuedAt">When it was wanted.</param>
/// <param name="AdmittedAt">When it was last admitted.</param>
/// <param name="StartedAt">When a worker first worked at it.</param>
/// <param name="ConcludedAt">When it ended.</param>
/// <param name="TraceId">The W3C trace that it belongs to, if any.</param>
public sealed record RunSummary(
    RunId Id,
    string Repository,
    string Subject,
    RunKind Kind,
    int? PullRequest,
    string Title,
    string HeadSha,
    string? HeadRef,
    string Workflow,
    int Attempt,
    RunPhase Phase,
    RunConclusion? Conclusion,
    RunConclusion? Ending,
    string? Reason,
    string Trigger,
    string CreatedBy,
    DateTimeOffset QueuedAt,
    DateTimeOffset? AdmittedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? ConcludedAt,
    string? TraceId);

/// <summary>A step of a run.</summary>
/// <param name="Id">The step.</param>
/// <param name="Name">Its name, unique in its run.</param>
/// <param name="Kind"><c>setup</c>, <c>command</c> or <c>review</c>.</param>
/// <param name="State">Where it stands.</param>
/// <param name="ExitCode">Of its command, once that has ended.</param>
/// <param name="Summary">What came of it, for people.</param>
/// <param name="StartedAt">When it was started.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="LogBytes">Bytes that its command printed; 0 while it runs.</param>
/// <param name="LogTruncated">Whether only a part of them is kept.</param>
/// <param name="Session">The agent's session of a review.</param>
public sealed record RunStep(
    StepId Id,
    string Name,
    string Kind,
    StepState State,
    int? ExitCode,
    string? Summary,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    long LogBytes,
    bool LogTruncated,
    SessionId? Session);

/// <summary>Something that a step found at a place in the change.</summary>
/// <param name="Id">The finding.</param>
/// <param name="Step">The step that found it.</param>
/// <param name="File">The file, relative to the repository's root.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Severity">How grave it is.</param>
/// <param name="Title">In a few words.</param>
/// <param name="Message">In full.</param>
public sealed record RunFinding(FindingId Id, StepId Step, string File, int Line, FindingSeverity Severity, string Title, string Message);

/// <summary>How far a run has come.</summary>
/// <param name="Done">Steps that are decided.</param>
/// <param name="Total">All steps.</param>
/// <param name="Current">The step under way, if any.</param>
public sealed record RunProgress(int Done, int Total, string? Current);

/// <summary>A run with everything that is known of it.</summary>
/// <param name="Run">What lists show.</param>
/// <param name="BaseSha">The commit that it is compared with, and whose policy counts.</param>
/// <param name="Version">The number of its newest event.</param>
/// <param name="Generation">The fence of the worker that holds it.</param>
/// <param name="Faults">How often the platform failed it.</param>
/// <param name="Host">The machine of its instance, once placed.</param>
/// <param name="Instance">Its instance, once placed.</param>
/// <param name="Report">What is known of its report on the forge.</param>
/// <param name="CheckRunId">The check run there, once it stands.</param>
/// <param name="Progress">How far it has come.</param>
/// <param name="Steps">Its steps in order.</param>
/// <param name="Findings">What they found, by file and line; at most <see cref="RunLimits.FindingsMax"/>.</param>
public sealed record RunDetail(
    RunSummary Run,
    string BaseSha,
    long Version,
    long Generation,
    int Faults,
    HostId? Host,
    InstanceId? Instance,
    ReportState Report,
    long? CheckRunId,
    RunProgress Progress,
    IReadOnlyList<RunStep> Steps,
    IReadOnlyList<RunFinding> Findings);

/// <summary>What became of the runs that were wanted within a time.</summary>
/// <param name="Since">The beginning of that time.</param>
/// <param name="Total">All of them.</param>
/// <param name="Phases">How many stand where.</param>
/// <param name="Conclusions">How many ended how.</param>
/// <param name="WaitSecondsP50">The median from wanted to admitted; null without any.</param>
/// <param name="WaitSecondsP95">The same for the slowest twentieth.</param>
/// <param name="RunSecondsP50">The median from started to concluded; null without any.</param>
/// <param name="RunSecondsP95">The same for the slowest twentieth.</param>
public sealed record RunStatistics(
    DateTimeOffset Since,
    long Total,
    IReadOnlyDictionary<string, long> Phases,
    IReadOnlyDictionary<string, long> Conclusions,
    double? WaitSecondsP50,
    double? WaitSecondsP95,
    double? RunSecondsP50,
    double? RunSecondsP95);

/// <summary>A piece of what a step printed.</summary>
/// <param name="Step">The step.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Text">The piece, whole characters only.</param>
/// <param name="Offset">Where the piece begins, in bytes of the command's output.</param>
/// <param name="NextOffset">Where the next piece begins.</param>
/// <param name="End">Nothing will follow.</param>
/// <param name="Truncated">A part of the output was not kept.</param>
public sealed record RunLog(StepId Step, string Name, StepState State, string Text, long Offset, long NextOffset, bool End, bool Truncated);

/// <summary>Some events of a run: the polling twin of its stream.</summary>
/// <param name="Events">Neighbours, oldest first.</param>
/// <param name="Next">The sequence to ask behind next.</param>
/// <param name="End">The run is concluded and this page reaches its last event.</param>
public sealed record RunEventsPage(IReadOnlyList<EventEnvelope> Events, long Next, bool End);

/// <summary>A span of a run's trace.</summary>
/// <param name="SpanId">Eight bytes in hex.</param>
/// <param name="ParentSpanId">Its cause; null at the root, and where the cause lies outside the platform.</param>
/// <param name="Service">Who recorded it.</param>
/// <param name="Name">What was done.</param>
/// <param name="Kind">OpenTelemetry's kind: <c>internal</c>, <c>server</c>, <c>client</c>, <c>producer</c> or <c>consumer</c>.</param>
/// <param name="Status"><c>unset</c>, <c>ok</c>, <c>error</c>, or <c>unfinished</c> where its process ended before it did.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended; null while it is under way.</param>
/// <param name="Attributes">What else was recorded; never a prompt, a token or a query string.</param>
public sealed record RunSpan(
    string SpanId,
    string? ParentSpanId,
    string Service,
    string Name,
    string Kind,
    string Status,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    IReadOnlyDictionary<string, string> Attributes);

/// <summary>The trace of a run.</summary>
/// <param name="TraceId">The W3C trace id; null if the run belongs to none.</param>
/// <param name="Spans">By start; at most <see cref="RunLimits.SpansMax"/>.</param>
public sealed record RunTrace(string? TraceId, IReadOnlyList<RunSpan> Spans);
