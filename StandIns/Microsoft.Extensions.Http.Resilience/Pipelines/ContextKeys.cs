using Polly;

namespace Microsoft.Extensions.Http.Resilience.Pipelines;

/// <summary>What the handler leaves in an execution's context for the strategies.</summary>
internal static class ContextKeys
{
    /// <summary>The request, under the key that the real package uses: a ShouldHandle reads it there also where an attempt ended in an exception.</summary>
    public static readonly ResiliencePropertyKey<HttpRequestMessage?> Request = new("Resilience.Http.RequestMessage");

    /// <summary>The clock by which a Retry-After date is turned into a pause.</summary>
    public static readonly ResiliencePropertyKey<TimeProvider> Time = new("StandIn.Http.TimeProvider");
}
