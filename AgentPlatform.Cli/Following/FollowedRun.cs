using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;

namespace AgentPlatform.Cli.Following;

/// <summary>A step as far as the events tell.</summary>
internal sealed record FollowedStep(StepId Id, string Name, string State, string Summary, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt);

/// <summary>A run as far as its events tell. Used under its owner's lock.</summary>
internal sealed class FollowedRun(RunDetail run)
{
    private readonly List<FollowedStep> _steps = [.. run.Steps.Select(step => new FollowedStep(step.Id, step.Name, "waiting", string.Empty, null, null))];

    public RunSummary Run { get; } = run.Run;

    public IReadOnlyList<FollowedStep> Steps => _steps;

    /// <summary>Where it stands, such as <c>fetching</c>.</summary>
    public string Phase { get; private set; } = "queued";

    /// <summary>How it ended; null before.</summary>
    public RunConclusion? Conclusion { get; private set; }

    /// <summary>Why it stands there, for people.</summary>
    public string Reason { get; private set; } = string.Empty;

    /// <summary>When the newest event happened.</summary>
    public DateTimeOffset At { get; private set; } = run.Run.QueuedAt;

    /// <summary>Takes up an event.</summary>
    /// <returns>The step that it is about, as it stands now; null where it is about the run.</returns>
    public FollowedStep? Apply(EventEnvelope said)
    {
        At = said.Time;
        var (phase, reason) = (Text(said.Data, "phase"), Text(said.Data, "reason"));
        Phase = phase.Length > 0 ? phase.Replace('_', ' ') : Phase;
        if (StepOf(said) is { } step)
        {
            return Change(step, said);
        }

        Reason = reason;
        Conclusion = said.Data.TryGetProperty("conclusion", out var conclusion) && conclusion.ValueKind == JsonValueKind.String
            ? conclusion.Deserialize(RunsJsonContext.Default.RunConclusion)
            : Conclusion;
        return null;
    }

    /// <summary>The step that an event is about.</summary>
    public static StepId? StepOf(EventEnvelope said) =>
        said.Data.ValueKind == JsonValueKind.Object && said.Data.TryGetProperty("step", out var step) && StepId.TryParse(Text(step, "id"), null, out var id) ? id : null;

    /// <summary>Whether an event says that its step is under way.</summary>
    public static bool Begins(EventEnvelope said) => said.Data.TryGetProperty("step", out var step) && Text(step, "state") == "running";

    internal static string Text(JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : string.Empty;

    private FollowedStep Change(StepId id, EventEnvelope said)
    {
        var data = said.Data.GetProperty("step");
        var index = _steps.FindIndex(step => step.Id == id);
        var before = index < 0 ? new FollowedStep(id, Text(data, "name"), "waiting", string.Empty, null, null) : _steps[index];
        var state = Text(data, "state");
        var after = before with
        {
            State = state,
            Summary = Text(data, "summary"),
            StartedAt = state switch { "waiting" => null, "running" => said.Time, _ => before.StartedAt },
            EndedAt = state is "waiting" or "running" ? null : said.Time,
        };
        if (index < 0)
        {
            _steps.Add(after);
        }
        else
        {
            _steps[index] = after;
        }

        return after;
    }
}
