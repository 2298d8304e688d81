using System.Diagnostics;
using AgentPlatform.Contracts;
using OpenTelemetry;

namespace AgentPlatform.ServiceDefaults.Traces;

/// <summary>
/// Takes every finished span for Scheduler, which alone knows which traces are a run's. A span of the platform's own is told when it starts as well, so
/// that it is known of even if its process is killed. Comes behind redaction.
/// </summary>
internal sealed class RunSpanProcessor(RunSpanQueue queue, ServiceInfo service) : BaseProcessor<Activity>
{
    private const string OwnSources = "AgentPlatform.";

    public override void OnStart(Activity data)
    {
        if (data.Recorded && data.Source.Name.StartsWith(OwnSources, StringComparison.Ordinal))
        {
            queue.Add(data, service.Name, ended: false);
        }
    }

    public override void OnEnd(Activity data)
    {
        if (data.Recorded)
        {
            queue.Add(data, service.Name, ended: true);
        }
    }
}
