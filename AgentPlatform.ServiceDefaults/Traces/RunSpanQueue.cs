using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using AgentPlatform.Contracts.Runs;

namespace AgentPlatform.ServiceDefaults.Traces;

/// <summary>Spans on their way to Scheduler. What finds no room is dropped and counted: telemetry never holds up work.</summary>
internal sealed class RunSpanQueue : IDisposable
{
    private const int SpansMax = 8192;

    private readonly Channel<SpanRecord> _spans = Channel.CreateBounded<SpanRecord>(new BoundedChannelOptions(SpansMax) { SingleReader = true });
    private readonly Meter _meter = new("AgentPlatform.Traces");
    private readonly Counter<long> _dropped;

    public RunSpanQueue() => _dropped = _meter.CreateCounter<long>(
        "agentplatform.traces.spans_dropped", "{span}", "Spans that did not reach the history of their run");

    public ChannelReader<SpanRecord> Spans => _spans.Reader;

    public void Add(Activity activity, string service, bool ended)
    {
        if (!_spans.Writer.TryWrite(Record(activity, service, ended)))
        {
            Dropped(1);
        }
    }

    public void Dropped(int count) => _dropped.Add(count);

    public void Dispose() => _meter.Dispose();

    private static SpanRecord Record(Activity activity, string service, bool ended)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in activity.EnumerateTagObjects())
        {
            if (attributes.Count < SpanLimits.AttributesMax && value is not null)
            {
                attributes[Cut(name, SpanLimits.NameMax)] = Cut(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? string.Empty, SpanLimits.ValueMax);
            }
        }

        var started = new DateTimeOffset(activity.StartTimeUtc);
        return new SpanRecord(
            activity.TraceId.ToHexString(), activity.SpanId.ToHexString(), activity.ParentSpanId == default ? null : activity.ParentSpanId.ToHexString(),
            service, Cut(activity.DisplayName, SpanLimits.NameMax), KindOf(activity.Kind), StatusOf(activity.Status), started, ended ? started + activity.Duration : null, attributes);
    }

    private static string KindOf(ActivityKind kind) => kind switch
    {
        ActivityKind.Server => "server",
        ActivityKind.Client => "client",
        ActivityKind.Producer => "producer",
        ActivityKind.Consumer => "consumer",
        _ => "internal",
    };

    private static string StatusOf(ActivityStatusCode status) => status switch
    {
        ActivityStatusCode.Ok => "ok",
        ActivityStatusCode.Error => "error",
        _ => "unset",
    };

    // Postgres' text cannot hold the character 0.
    private static string Cut(string text, int max) => (text.Length <= max ? text : text[..max]).Replace('\0', ' ');
}
