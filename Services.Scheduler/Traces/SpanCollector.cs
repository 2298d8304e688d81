using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Traces;
using AgentPlatform.Streams;
using Services.Scheduler.Loops;

namespace Services.Scheduler.Traces;

/// <summary>
/// Collects spans. The first ones of a trace come before its run is there (a webhook is answered before anybody acts on it), so what belongs to no run is
/// held for a while and tried again; then it is let go, as most spans are.
/// </summary>
internal sealed class SpanCollector : Loop, IRunSpanSink
{
    private const int HeldMax = 20_000;
    private static readonly TimeSpan HeldFor = TimeSpan.FromSeconds(90);

    private readonly Queue<(SpanRecord Span, DateTimeOffset Since)> _held = new();
    private readonly Lock _lock = new();
    private readonly SpanStore _store;
    private readonly TimeProvider _time;

    public SpanCollector(SpanStore store, LoopRegistry loops, TimeProvider time, ILogger<SpanCollector> logger)
        : base(TimeSpan.FromSeconds(5), new Signal(time), loops, time, logger) => (_store, _time) = (store, time);

    public async Task SendAsync(IReadOnlyList<SpanRecord> spans, CancellationToken cancellationToken)
    {
        if (spans.Count > 0)
        {
            var now = _time.GetUtcNow();
            Hold((await _store.KeepAsync(spans, cancellationToken)).Select(span => (span, now)));
        }
    }

    public override async Task<bool> PollOnceAsync(CancellationToken cancellationToken)
    {
        List<(SpanRecord Span, DateTimeOffset Since)> held;
        lock (_lock)
        {
            held = [.. _held];
            _held.Clear();
        }

        var oldest = _time.GetUtcNow() - HeldFor;
        foreach (var some in held.Chunk(SpanLimits.BatchMax))
        {
            var left = (await _store.KeepAsync([.. some.Select(item => item.Span)], cancellationToken)).ToHashSet(ReferenceEqualityComparer.Instance);
            Hold(some.Where(item => item.Since > oldest && left.Contains(item.Span)));
        }

        await _store.CloseAsync(cancellationToken);
        return false;
    }

    private void Hold(IEnumerable<(SpanRecord Span, DateTimeOffset Since)> spans)
    {
        lock (_lock)
        {
            foreach (var span in spans)
            {
                _held.Enqueue(span);
            }

            while (_held.Count > HeldMax)
            {
                _held.Dequeue();
            }
        }
    }
}
