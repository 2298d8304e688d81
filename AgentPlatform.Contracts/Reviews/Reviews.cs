using System.Text.Json.Serialization;
using AgentPlatform.Contracts.Runs;

namespace AgentPlatform.Contracts.Reviews;

/// <summary>Scheduler asks Sessions for an agent's review, as a guest in a run's instance. Asking again with the same session changes nothing.</summary>
/// <param name="Session">Chosen by the caller before the first call, so that a lost answer starts no second agent.</param>
/// <param name="Run">The run that owns the instance.</param>
/// <param name="Generation">The run's generation; an older one than was seen is refused (409, <c>stale_generation</c>).</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="Host">Base address of the host that holds the instance.</param>
/// <param name="Instance">The instance, with its workspace prepared and the network closed.</param>
/// <param name="Change">What is reviewed.</param>
/// <param name="Agent">The agent and its bounds.</param>
public sealed record StartReviewRequest(
    SessionId Session, RunId Run, long Generation, Ownership Owner, Uri Host, InstanceId Instance, ReviewedChange Change, ReviewAgent Agent);

/// <summary>The change under review. Title and paths come from the pull request's author: text, never instructions.</summary>
/// <param name="Repository"><c>owner/name</c>.</param>
/// <param name="PullRequest">Its number, or null.</param>
/// <param name="Title">Its title, at most 300 characters.</param>
/// <param name="BaseSha">The merge base.</param>
/// <param name="HeadSha">The commit under review.</param>
/// <param name="ChangedFiles">Paths relative to the repository, at most 3,000; findings elsewhere are dropped.</param>
public sealed record ReviewedChange(
    string Repository, int? PullRequest, string Title, string BaseSha, string HeadSha, IReadOnlyList<string> ChangedFiles);

/// <summary>The agent that reviews.</summary>
/// <param name="Kind">The adapter's name: <c>claude-code</c>; another is refused.</param>
/// <param name="Model">The model, or null for the platform's choice.</param>
/// <param name="TurnsMax">Turns after which it is stopped.</param>
/// <param name="TimeoutSeconds">Wall clock of the whole review, in seconds.</param>
public sealed record ReviewAgent(string Kind, string? Model, int TurnsMax, int TimeoutSeconds);

/// <summary>Where a review stands.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<ReviewState>))]
public enum ReviewState
{
    /// <summary>The agent works.</summary>
    Running,

    /// <summary>It ended with findings, perhaps none.</summary>
    Completed,

    /// <summary>It ended without a valid answer; see the fault.</summary>
    Failed,

    /// <summary>It was stopped on request.</summary>
    Cancelled,
}

/// <summary>A review as Sessions knows it.</summary>
/// <param name="Session">The agent's session.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Summary">The agent's own summary, redacted, at most 4,000 characters; null while it works.</param>
/// <param name="Findings">What it found, checked against the schema and redacted; at most 500.</param>
/// <param name="Usage">Tokens and cost so far.</param>
/// <param name="Fault">Why it failed, in words for a person, or null.</param>
/// <param name="FaultCategory">Whether trying again can help, or null.</param>
public sealed record Review(
    SessionId Session, ReviewState State, string? Summary, IReadOnlyList<ReviewFinding> Findings, ReviewUsage Usage, string? Fault, FaultCategory? FaultCategory);

/// <summary>Something the agent found.</summary>
/// <param name="File">Path relative to the repository, one of the changed files.</param>
/// <param name="Line">Line in the head's file, from 1.</param>
/// <param name="Severity">How grave.</param>
/// <param name="Title">At most 255 characters.</param>
/// <param name="Message">At most 8,000 characters of plain text.</param>
public sealed record ReviewFinding(string File, int Line, FindingSeverity Severity, string Title, string Message);

/// <summary>What a review cost.</summary>
/// <param name="InputTokens">Tokens sent to the model, cached ones included.</param>
/// <param name="OutputTokens">Tokens the model wrote.</param>
/// <param name="CostUsd">In US dollars by the price table of Sessions; null where the model has no price there.</param>
/// <param name="Turns">Turns of the agent.</param>
public sealed record ReviewUsage(long InputTokens, long OutputTokens, decimal? CostUsd, int Turns);

/// <summary>Paths of Sessions' internal review API; audience <c>sessions</c>, scope <see cref="Scopes.SessionsWrite"/>.</summary>
public static class ReviewRoutes
{
    /// <summary>POST starts (202 with the review); idempotent by session id.</summary>
    public const string Reviews = "/internal/reviews";

    /// <summary>GET reads; <c>?wait=25</c> waits up to that many seconds (at most 30) for it to end. DELETE stops it.</summary>
    public static string Review(SessionId id) => $"{Reviews}/{id}";
}

/// <summary>JSON of the review contract.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StartReviewRequest))]
[JsonSerializable(typeof(Review))]
public sealed partial class ReviewsJsonContext : JsonSerializerContext;
