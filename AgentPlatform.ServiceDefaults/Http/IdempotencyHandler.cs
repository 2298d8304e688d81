namespace AgentPlatform.ServiceDefaults.Http;

/// <summary>
/// Stands outside the standard resilience handler and tells it, for the request under way, whether sending it twice does what sending it
/// once does. The retry strategy sees only an outcome, and the outcome of a broken connection names no request.
/// </summary>
internal sealed class IdempotencyHandler : DelegatingHandler
{
    private static readonly AsyncLocal<bool> Repeatable = new();

    /// <summary>Whether the request that this flow of control is sending may be repeated.</summary>
    public static bool CurrentMayBeRepeated => Repeatable.Value;

    // Being async matters: what an async method sets in its flow is gone when it returns to the caller.
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Repeatable.Value = request.MayBeRepeated();
        return await base.SendAsync(request, cancellationToken);
    }
}
