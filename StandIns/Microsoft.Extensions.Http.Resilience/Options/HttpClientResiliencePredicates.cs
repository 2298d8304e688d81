using System.Net;
using Polly;
using Polly.Timeout;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>What counts as a transient failure of a request.</summary>
public static class HttpClientResiliencePredicates
{
    /// <summary>True for a status of 500 and above, 408, 429, an <see cref="HttpRequestException"/> and a timeout of a strategy.</summary>
    /// <param name="outcome">What an attempt ended with.</param>
    public static bool IsTransient(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Result.StatusCode: >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests } => true,
        { Exception: HttpRequestException or TimeoutRejectedException } => true,
        _ => false,
    };

    /// <summary>
    /// As <see cref="IsTransient(Outcome{HttpResponseMessage})"/>; also true where the connection was cut, which shows as a cancellation that
    /// the caller did not ask for.
    /// </summary>
    /// <param name="outcome">What an attempt ended with.</param>
    /// <param name="cancellationToken">The token that the caller gave for the attempt.</param>
    public static bool IsTransient(Outcome<HttpResponseMessage> outcome, CancellationToken cancellationToken) =>
        IsTransient(outcome) ||
        (outcome.Exception is OperationCanceledException { InnerException: TimeoutException } && !cancellationToken.IsCancellationRequested);
}
