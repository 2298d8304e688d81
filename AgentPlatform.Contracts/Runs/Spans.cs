namespace AgentPlatform.Contracts.Runs;

/// <summary>A span as a service hands it to Scheduler. Sent once when it starts, without an end, if it may last; and once when it has ended.</summary>
/// <param name="TraceId">Sixteen bytes in hex.</param>
/// <param name="SpanId">Eight bytes in hex.</param>
/// <param name="ParentSpanId">Its cause, or null.</param>
/// <param name="Service">Who recorded it.</param>
/// <param name="Name">What was done.</param>
/// <param name="Kind">See <see cref="RunSpan.Kind"/>.</param>
/// <param name="Status">See <see cref="RunSpan.Status"/>.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended; null while it is under way.</param>
/// <param name="Attributes">What else was recorded, after redaction.</param>
public sealed record SpanRecord(
    string TraceId,
    string SpanId,
    string? ParentSpanId,
    string Service,
    string Name,
    string Kind,
    string Status,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    IReadOnlyDictionary<string, string> Attributes);

/// <summary><c>POST /internal/spans</c> on Scheduler, scope <see cref="Scopes.SpansWrite"/>.</summary>
/// <param name="Spans">At most <see cref="SpanLimits.BatchMax"/>.</param>
public sealed record SpanBatch(IReadOnlyList<SpanRecord> Spans);

/// <summary>Limits of what is kept of a span. What is longer is cut by the sender and refused by the receiver.</summary>
public static class SpanLimits
{
    /// <summary>The path on Scheduler.</summary>
    public const string Path = "/internal/spans";

    /// <summary>Spans in a batch.</summary>
    public const int BatchMax = 256;

    /// <summary>Characters of a name.</summary>
    public const int NameMax = 200;

    /// <summary>Attributes of a span.</summary>
    public const int AttributesMax = 32;

    /// <summary>Characters of an attribute's value.</summary>
    public const int ValueMax = 256;
}
