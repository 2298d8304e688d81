using System.Diagnostics.Metrics;
using AgentPlatform.Contracts;

namespace Services.Webhooks;

/// <summary>What intake reports about itself.</summary>
internal sealed class WebhooksTelemetry
{
    public const string Source = "AgentPlatform.Webhooks";

    private readonly Counter<long> _received;
    private readonly Histogram<int> _commitSize;
    private readonly Histogram<double> _commitTime;
    private readonly Counter<long> _published;
    private readonly Counter<long> _settled;
    private readonly Counter<long> _recovered;

    public WebhooksTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(Source);
        _received = meter.CreateCounter<long>("webhooks.received", "{delivery}", "Deliveries that arrived, by what came of them.");
        _commitSize = meter.CreateHistogram<int>("webhooks.commit.size", "{delivery}", "Deliveries in one commit.");
        _commitTime = meter.CreateHistogram<double>("webhooks.commit.duration", "s", "How long a commit took.");
        _published = meter.CreateCounter<long>("webhooks.published", "{delivery}", "Deliveries put on the stream, at once or by the sweep.");
        _settled = meter.CreateCounter<long>("webhooks.settled", "{delivery}", "Deliveries acknowledged, by outcome.");
        _recovered = meter.CreateCounter<long>("webhooks.recovered", "{delivery}", "Deliveries read from GitHub's own list.");
    }

    /// <param name="result">A refusal's code, or <c>accepted</c>, <c>duplicate</c>, <c>copy</c>, <c>ping</c>.</param>
    public void Received(string result) => _received.Add(1, new KeyValuePair<string, object?>("result", result));

    public void Committed(int count, TimeSpan duration)
    {
        _commitSize.Record(count);
        _commitTime.Record(duration.TotalSeconds);
    }

    public void Published(int count, bool again) => _published.Add(count, new KeyValuePair<string, object?>("again", again));

    public void Settled(DeliveryOutcome outcome) => _settled.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));

    public void Recovered(int count) => _recovered.Add(count);
}
