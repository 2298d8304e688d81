using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Timeout;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Options of the rate limiter of a request.</summary>
public class HttpRateLimiterStrategyOptions : RateLimiterStrategyOptions;

/// <summary>Options of a timeout of a request; by Polly's default 30 seconds.</summary>
public class HttpTimeoutStrategyOptions : TimeoutStrategyOptions;

/// <summary>Options of the circuit breaker of a request. Counts transient failures, see <see cref="HttpClientResiliencePredicates"/>.</summary>
public class HttpCircuitBreakerStrategyOptions : CircuitBreakerStrategyOptions<HttpResponseMessage>
{
    /// <summary>Makes options with the defaults.</summary>
    public HttpCircuitBreakerStrategyOptions() =>
        ShouldHandle = static args => new ValueTask<bool>(HttpClientResiliencePredicates.IsTransient(args.Outcome));
}
