namespace AgentPlatform.Emulators.GitHub.State;

/// <summary>One attempt to deliver a webhook. A redelivery is another attempt with the same GUID.</summary>
internal sealed class Delivery
{
    public required long Id { get; init; }

    public required string Guid { get; init; }

    public required string Event { get; init; }

    public string? Action { get; init; }

    public required DateTimeOffset DeliveredAt { get; init; }

    public bool Redelivery { get; init; }

    public long? InstallationId { get; init; }

    public long? RepositoryId { get; init; }

    public required byte[] Payload { get; init; }

    public string? Url { get; init; }

    /// <summary>As they were sent; none before that.</summary>
    public IReadOnlyDictionary<string, string> RequestHeaders { get; set; } = new Dictionary<string, string>();

    public DeliveryOutcome? Outcome { get; set; }
}

/// <summary>What came of an attempt.</summary>
/// <param name="Status">GitHub's word: <c>OK</c>, <c>Invalid HTTP Response: 500</c>, <c>timed out</c>, <c>failed to connect to
/// host</c>.</param>
internal sealed record DeliveryOutcome(string Status, int StatusCode, TimeSpan Duration, IReadOnlyDictionary<string, string> Headers,
    string Body)
{
    public bool Succeeded => StatusCode is >= 200 and < 300;
}
