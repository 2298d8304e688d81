using System.Diagnostics;
using OpenTelemetry.Trace;

namespace AgentPlatform.ServiceDefaults.Traces;

/// <summary>
/// Decides about a trace's first span. A call to a database or another service that nobody caused is a loop looking for work, several times a second;
/// it is not recorded. The same call within a request, a message or a run has a parent, and is.
/// </summary>
internal sealed class CausedSampler : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        new(samplingParameters.Kind == ActivityKind.Client ? SamplingDecision.Drop : SamplingDecision.RecordAndSample);
}
