using System.ComponentModel.DataAnnotations;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>
/// The five strategies of the standard handler, outermost first: rate limiter, total timeout, retry, circuit breaker, attempt timeout.
/// Each property starts as an instance of its own with the documented default; none may be null.
/// </summary>
public class HttpStandardResilienceOptions
{
    /// <summary>How many requests may be under way at once. Default: 1000, without a queue.</summary>
    [Required]
    public HttpRateLimiterStrategyOptions RateLimiter { get; set; } = new() { Name = "Standard-RateLimiter" };

    /// <summary>The time for the whole request, all attempts and pauses together. Default: 30 seconds.</summary>
    [Required]
    public HttpTimeoutStrategyOptions TotalRequestTimeout { get; set; } = new() { Name = "Standard-TotalRequestTimeout" };

    /// <summary>When and how often an attempt is repeated. Default: 3 repeats after transient failures, from 2 seconds, exponential, with jitter.</summary>
    [Required]
    public HttpRetryStrategyOptions Retry { get; set; } = new() { Name = "Standard-Retry" };

    /// <summary>When attempts stop being made at all. Default: a tenth of at least 100 attempts in 30 seconds failed; then for 5 seconds.</summary>
    [Required]
    public HttpCircuitBreakerStrategyOptions CircuitBreaker { get; set; } = new() { Name = "Standard-CircuitBreaker" };

    /// <summary>The time for one attempt. Default: 10 seconds.</summary>
    [Required]
    public HttpTimeoutStrategyOptions AttemptTimeout { get; set; } = new() { Name = "Standard-AttemptTimeout", Timeout = TimeSpan.FromSeconds(10) };
}
