using Polly.RateLimiting;

namespace Polly;

/// <summary>Adds rate limiters to pipelines.</summary>
public static class RateLimiterResiliencePipelineBuilderExtensions
{
    /// <summary>Adds a limiter; without <see cref="RateLimiterStrategyOptions.RateLimiter"/> one of concurrency.</summary>
    /// <typeparam name="TBuilder">The kind of builder.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="options">The limiter's options.</param>
    /// <returns>The same builder.</returns>
    public static TBuilder AddRateLimiter<TBuilder>(this TBuilder builder, RateLimiterStrategyOptions options)
        where TBuilder : ResiliencePipelineBuilderBase
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        return builder.AddStrategy(context => new RateLimiterResilienceStrategy(options, context.Telemetry), options);
    }
}
