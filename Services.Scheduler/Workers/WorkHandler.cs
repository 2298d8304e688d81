using AgentPlatform.Streams;
using Services.Scheduler.Runs;

namespace Services.Scheduler.Workers;

/// <summary>Stream <c>work</c>: admitted runs. An entry is done once a lease stands in Postgres; from then on Postgres remembers.</summary>
internal sealed class WorkHandler(RunWorker worker) : IStreamHandler
{
    public Task HandleAsync(IReadOnlyList<StreamEntry> entries, CancellationToken cancellationToken) => worker.TakeAsync(
        [.. entries.Select(entry => (entry.Envelope.Read(RunJsonContext.Default.WorkEntry), entry.Envelope.Traceparent))], cancellationToken);
}
