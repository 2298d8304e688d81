using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Checks;

/// <summary>The output part of a request: a report and a page of annotations.</summary>
internal sealed record CheckOutput(string? Title, string? Summary, string? Text, IReadOnlyList<Annotation> Annotations);

/// <summary>What a request wants of a check run. A field that is null was not sent.</summary>
internal sealed record CheckRunFields(
    string? Name, string? HeadSha, string? DetailsUrl, string? ExternalId, string? Status, string? Conclusion, DateTimeOffset? StartedAt,
    DateTimeOffset? CompletedAt,
    CheckOutput? Output, IReadOnlyList<CheckAction>? Actions)
{
    private const int AnnotationsMax = 50;
    private const int ActionsMax = 3;
    private const int TextMax = 65_535;
    private const int MessageBytesMax = 64 * 1024;

    private static readonly string[] Statuses = ["queued", "in_progress", "completed"];
    private static readonly string[] Conclusions = ["action_required", "cancelled", "failure", "neutral", "success", "skipped",
        "timed_out"];

    /// <summary>Reads a request by GitHub's published limits; a refusal otherwise.</summary>
    public static (CheckRunFields? Fields, Answer? Refusal) Read(JsonObject body, bool creating)
    {
        var fields = new Fields(body);
        var read = new CheckRunFields(
            fields.Text("name", required: creating),
            fields.Text("head_sha", required: creating),
            fields.Text("details_url"),
            fields.Text("external_id"),
            fields.OneOf("status", Statuses),
            fields.OneOf("conclusion", Conclusions),
            fields.Time("started_at"),
            fields.Time("completed_at"),
            ReadOutput(fields, creating),
            fields.Has("actions") ? [.. fields.Objects("actions", ActionsMax).Select(action => ReadAction(fields, action))] : null);
        if (read is { Status: "completed", Conclusion: null })
        {
            fields.Refuse("\"conclusion\" wasn't supplied.");
        }

        return fields.Error is { } refusal ? (null, refusal) : (read, null);
    }

    private static CheckOutput? ReadOutput(Fields fields, bool creating)
    {
        if (fields.Object("output") is not { } given)
        {
            return null;
        }

        var output = new Fields(given);
        var read = new CheckOutput(
            output.Text("title", required: creating),
            output.Text("summary", required: true, TextMax),
            output.Text("text", required: false, TextMax),
            [.. output.Objects("annotations", AnnotationsMax).Select(annotation => ReadAnnotation(output, annotation))]);
        fields.Absorb(output);
        return read;
    }

    private static Annotation ReadAnnotation(Fields output, JsonObject given)
    {
        var fields = new Fields(given);
        var annotation = new Annotation(
            fields.Text("path", required: true) ?? string.Empty,
            fields.Number("start_line", required: true) ?? 0,
            fields.Number("end_line", required: true) ?? 0,
            fields.Number("start_column"),
            fields.Number("end_column"),
            fields.OneOf("annotation_level", required: true, ["notice", "warning", "failure"]) ?? string.Empty,
            fields.Text("title", max: 255),
            fields.Text("message", required: true) ?? string.Empty,
            fields.Text("raw_details"));
        if (annotation.StartLine != annotation.EndLine && (annotation.StartColumn ?? annotation.EndColumn) is not null)
        {
            fields.Refuse("\"start_column\" and \"end_column\" are allowed only where \"start_line\" and \"end_line\" are the same.");
        }

        if (annotation.EndLine < annotation.StartLine)
        {
            fields.Refuse("\"end_line\" can't be before \"start_line\".");
        }

        foreach (var text in new[] { annotation.Message, annotation.RawDetails })
        {
            if (text is not null && System.Text.Encoding.UTF8.GetByteCount(text) > MessageBytesMax)
            {
                fields.Refuse($"Only {MessageBytesMax} bytes are allowed; {System.Text.Encoding.UTF8.GetByteCount(text)} were supplied.");
            }
        }

        output.Absorb(fields);
        return annotation;
    }

    private static CheckAction ReadAction(Fields request, JsonObject given)
    {
        var fields = new Fields(given);
        var action = new CheckAction(
            fields.Text("label", required: true, 20) ?? string.Empty,
            fields.Text("description", required: true, 40) ?? string.Empty,
            fields.Text("identifier", required: true, 20) ?? string.Empty);
        request.Absorb(fields);
        return action;
    }
}
