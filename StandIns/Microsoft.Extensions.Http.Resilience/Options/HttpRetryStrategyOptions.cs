using Microsoft.Extensions.Http.Resilience.Pipelines;
using Polly;
using Polly.Retry;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>
/// Options of the retries of a request. Every method is repeated by default, POST too: set
/// <see cref="RetryStrategyOptions{TResult}.ShouldHandle"/> where repeating is not safe.
/// </summary>
public class HttpRetryStrategyOptions : RetryStrategyOptions<HttpResponseMessage>
{
    /// <summary>Makes options with the defaults: 3 repeats, 2 seconds, exponential, jitter, Retry-After honoured.</summary>
    public HttpRetryStrategyOptions()
    {
        ShouldHandle = static args => new ValueTask<bool>(HttpClientResiliencePredicates.IsTransient(args.Outcome));
        BackoffType = DelayBackoffType.Exponential;
        UseJitter = true;
        ShouldRetryAfterHeader = true;
    }

    /// <summary>
    /// Whether a Retry-After header decides the pause. Default: true. Setting it replaces
    /// <see cref="RetryStrategyOptions{TResult}.DelayGenerator"/>: by one that reads the header, or by none.
    /// </summary>
    public bool ShouldRetryAfterHeader
    {
        get;
        set
        {
            field = value;
            DelayGenerator = value ? static args => new ValueTask<TimeSpan?>(RetryAfter(args)) : null;
        }
    }

    private static TimeSpan? RetryAfter(RetryDelayGeneratorArguments<HttpResponseMessage> args)
    {
        var header = args.Outcome.Result?.Headers.RetryAfter;
        if (header?.Delta is { } delta)
        {
            return delta;
        }

        if (header?.Date is not { } date)
        {
            return null;
        }

        var pause = date - args.Context.Properties.GetValue(ContextKeys.Time, TimeProvider.System).GetUtcNow();
        return pause > TimeSpan.Zero ? pause : TimeSpan.Zero;
    }
}
