using AgentPlatform.Contracts.Runs;

namespace AgentPlatform.ServiceDefaults.Traces;

/// <summary>Where finished spans go. Every service sends them to Scheduler; Scheduler keeps its own.</summary>
public interface IRunSpanSink
{
    /// <summary>Hands over some spans, at most <see cref="SpanLimits.BatchMax"/>.</summary>
    Task SendAsync(IReadOnlyList<SpanRecord> spans, CancellationToken cancellationToken);
}
