using System.Threading.RateLimiting;
using Polly.Telemetry;

namespace Polly.RateLimiting;

/// <summary>Runs an execution under a lease, or refuses it with <see cref="RateLimiterRejectedException"/>.</summary>
internal sealed class RateLimiterResilienceStrategy : ResilienceStrategy, IDisposable
{
    private readonly RateLimiter? _ownLimiter;
    private readonly Func<RateLimiterArguments, ValueTask<RateLimitLease>> _acquire;
    private readonly Func<OnRateLimiterRejectedArguments, ValueTask>? _onRejected;
    private readonly ResilienceStrategyTelemetry _telemetry;

    public RateLimiterResilienceStrategy(RateLimiterStrategyOptions options, ResilienceStrategyTelemetry telemetry)
    {
        _telemetry = telemetry;
        _onRejected = options.OnRejected;
        if (options.RateLimiter is { } given)
        {
            _acquire = given;
            return;
        }

        var limiter = new ConcurrencyLimiter(options.DefaultRateLimiterOptions);
        _ownLimiter = limiter;
        _acquire = args => limiter.AcquireAsync(cancellationToken: args.Context.CancellationToken);
    }

    public void Dispose() => _ownLimiter?.Dispose();

    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        using var lease = await _acquire(new RateLimiterArguments(context)).ConfigureAwait(context.ContinueOnCapturedContext);
        if (lease.IsAcquired)
        {
            return await callback(context, state).ConfigureAwait(context.ContinueOnCapturedContext);
        }

        var rejected = new OnRateLimiterRejectedArguments(context, lease);
        _telemetry.Report(new ResilienceEvent(ResilienceEventSeverity.Error, "OnRateLimiterRejected"), context, rejected);
        if (_onRejected is not null)
        {
            await _onRejected(rejected).ConfigureAwait(context.ContinueOnCapturedContext);
        }

        return Outcome.FromException<TResult>(lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter)
            ? new RateLimiterRejectedException(retryAfter)
            : new RateLimiterRejectedException());
    }
}
