using System.ComponentModel.DataAnnotations;
using System.Threading.RateLimiting;

namespace Polly.RateLimiting;

/// <summary>Options of a strategy that lets a limited number of executions through and refuses the others.</summary>
public class RateLimiterStrategyOptions : ResilienceStrategyOptions
{
    /// <summary>Makes options with the defaults.</summary>
    public RateLimiterStrategyOptions() => Name = "RateLimiter";

    /// <summary>Gives the lease under which an execution runs. Default: null, which makes a limiter of <see cref="DefaultRateLimiterOptions"/>.</summary>
    public Func<RateLimiterArguments, ValueTask<RateLimitLease>>? RateLimiter { get; set; }

    /// <summary>The limiter that is made when <see cref="RateLimiter"/> is null. Default: 1000 at once, none waiting.</summary>
    [Required]
    public ConcurrencyLimiterOptions DefaultRateLimiterOptions { get; set; } = new() { PermitLimit = 1000, QueueLimit = 0 };

    /// <summary>Called before an execution is refused. Default: null.</summary>
    public Func<OnRateLimiterRejectedArguments, ValueTask>? OnRejected { get; set; }
}

/// <summary>What a limiter is asked with.</summary>
/// <param name="context">The execution's context.</param>
public readonly struct RateLimiterArguments(ResilienceContext context)
{
    /// <summary>The execution's context.</summary>
    public ResilienceContext Context { get; } = context;
}

/// <summary>What a refusal is announced with.</summary>
/// <param name="context">The execution's context.</param>
/// <param name="lease">The lease that was not acquired; it may say when to come back.</param>
public readonly struct OnRateLimiterRejectedArguments(ResilienceContext context, RateLimitLease lease)
{
    /// <summary>The execution's context.</summary>
    public ResilienceContext Context { get; } = context;

    /// <summary>The lease that was not acquired.</summary>
    public RateLimitLease Lease { get; } = lease;
}
