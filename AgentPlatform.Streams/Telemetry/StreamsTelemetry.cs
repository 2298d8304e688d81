using System.Diagnostics;
using System.Diagnostics.Metrics;
using AgentPlatform.Contracts;

namespace AgentPlatform.Streams;

/// <summary>What streams report about themselves: spans and metrics, both under <see cref="Source"/>.</summary>
public sealed class StreamsTelemetry
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Source = "AgentPlatform.Streams";

    private static readonly ActivitySource Activities = new(Source);

    private readonly Counter<long> _published;
    private readonly Counter<long> _handled;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _reclaimed;
    private readonly Counter<long> _buried;
    private readonly Counter<long> _woken;
    private readonly Counter<long> _rebuilt;
    private readonly Counter<long> _resumed;
    private readonly Histogram<double> _age;

    /// <summary>Makes the instruments.</summary>
    public StreamsTelemetry(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(Source);
        _published = meter.CreateCounter<long>("streams.published", "{entry}", "Entries added.");
        _handled = meter.CreateCounter<long>("streams.handled", "{entry}", "Entries handled and acknowledged.");
        _failed = meter.CreateCounter<long>("streams.failed", "{entry}", "Attempts that failed; the entry stays pending.");
        _reclaimed = meter.CreateCounter<long>("streams.reclaimed", "{entry}", "Entries taken over from silent consumers.");
        _buried = meter.CreateCounter<long>("streams.dead_lettered", "{entry}", "Entries given up.");
        _woken = meter.CreateCounter<long>("streams.wakeups", "{wakeup}", "Times a reader woke, by nudge or by its own fallback.");
        _rebuilt = meter.CreateCounter<long>("streams.groups_created", "{group}", "Consumer groups made, also after Redis lost them.");
        _resumed = meter.CreateCounter<long>("streams.readers_resumed", "{reader}", "Readers too slow for the tail, which read on from storage.");
        _age = meter.CreateHistogram<double>("streams.entry.age", "s", "Time from an event to the start of its handling.");
    }

    internal void Published(StreamName stream, int count) => _published.Add(count, Tag(stream));

    internal void Handled(StreamName stream, int count) => _handled.Add(count, Tag(stream));

    internal void Failed(StreamName stream) => _failed.Add(1, Tag(stream));

    internal void Reclaimed(StreamName stream, int count) => _reclaimed.Add(count, Tag(stream));

    internal void DeadLettered(StreamName stream) => _buried.Add(1, Tag(stream));

    internal void Woken(StreamName stream, bool nudged) => _woken.Add(1, Tag(stream), new("by", nudged ? "nudge" : "fallback"));

    internal void GroupCreated(StreamName stream) => _rebuilt.Add(1, Tag(stream));

    // Logs are many, one for each run: their names would be a label without bound.
    internal void ReaderResumed() => _resumed.Add(1);

    internal void Started(StreamName stream, TimeSpan age) => _age.Record(age.TotalSeconds, Tag(stream));

    /// <summary>Begins the span of a handler. One entry is a child of the trace that caused it; several are linked to theirs.</summary>
    internal static Activity? StartHandling(StreamName stream, string group, IReadOnlyList<StreamEntry> entries)
    {
        var parent = entries.Count == 1 ? Context(entries[0].Envelope) : default;
        var links = entries.Count == 1 ? null : entries.Select(entry => Context(entry.Envelope)).Where(context => context != default).Select(context => new ActivityLink(context));
        var activity = Activities.StartActivity($"process {stream.Name}", ActivityKind.Consumer, parent, links: links);
        activity?.SetTag("messaging.system", "redis")
            .SetTag("messaging.destination.name", stream.Name)
            .SetTag("messaging.consumer.group.name", group)
            .SetTag("messaging.batch.message_count", entries.Count);
        return activity;
    }

    private static ActivityContext Context(EventEnvelope envelope) =>
        ActivityContext.TryParse(envelope.Traceparent, null, isRemote: true, out var context) ? context : default;

    private static KeyValuePair<string, object?> Tag(StreamName stream) => new("stream", stream.Name);
}
