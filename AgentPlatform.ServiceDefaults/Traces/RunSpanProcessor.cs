using System.Diagnostics;
using AgentPlatform.Contracts;
using OpenTelemetry;

namespace AgentPlatform.ServiceDefaults.Traces;

/// <summary>
/// Takes every finished span for Scheduler, which alone knows which traces are a run's. A span of the platform's own is told when it starts as well, so
/// that it is known of even if its process is killed. Statements to the database are left out unless they took long or failed: they are
/// more than all other spans together, and go out over OTLP all the same. Comes behind redaction.
/// </summary>
internal sealed class RunSpanProcessor(RunSpanQueue queue, ServiceInfo service) : BaseProcessor<Activity>
{
    private const string OwnSources = "AgentPlatform.";
    private const string DatabaseSource = "Npgsql";
    private static readonly TimeSpan LongStatement = TimeSpan.FromMilliseconds(20);

    public override void OnStart(Activity data)
    {
        if (data.Recorded && data.Source.Name.StartsWith(OwnSources, StringComparison.Ordinal))
        {
            queue.Add(data, service.Name, ended: false);
        }
    }

    public override void OnEnd(Activity data)
    {
        if (data.Recorded && (data.Source.Name != DatabaseSource || data.Duration >= LongStatement || data.Status == ActivityStatusCode.Error))
        {
            queue.Add(data, service.Name, ended: true);
        }
    }
}
