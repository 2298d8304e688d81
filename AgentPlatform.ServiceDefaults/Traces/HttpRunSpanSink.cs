using System.Net.Http.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using OpenTelemetry;

namespace AgentPlatform.ServiceDefaults.Traces;

/// <summary>Sends spans to Scheduler.</summary>
internal sealed class HttpRunSpanSink(IHttpClientFactory clients) : IRunSpanSink
{
    public const string ClientName = "run-spans";

    public async Task SendAsync(IReadOnlyList<SpanRecord> spans, CancellationToken cancellationToken)
    {
        // The sending is no part of any trace.
        using var quiet = SuppressInstrumentationScope.Begin();
        using var client = clients.CreateClient(ClientName);
        using var response = await client.PostAsJsonAsync(
            new Uri($"http://{ServiceNames.Scheduler}{SpanLimits.Path}"), new SpanBatch(spans), RunsJsonContext.Default.SpanBatch, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
    }
}
