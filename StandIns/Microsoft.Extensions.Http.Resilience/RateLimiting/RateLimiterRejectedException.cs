namespace Polly.RateLimiting;

/// <summary>The limit was reached: the execution was not started.</summary>
public sealed class RateLimiterRejectedException : ExecutionRejectedException
{
    private const string DefaultMessage = "The operation could not be executed because it was rejected by the rate limiter.";

    /// <summary>Makes the exception with its default message.</summary>
    public RateLimiterRejectedException()
        : base(DefaultMessage)
    {
    }

    /// <summary>Makes the exception with a time after which the limit may be open again.</summary>
    /// <param name="retryAfter">The time to wait.</param>
    public RateLimiterRejectedException(TimeSpan retryAfter)
        : base($"{DefaultMessage} It can be retried after '{retryAfter}'.") => RetryAfter = retryAfter;

    /// <summary>Makes the exception with a message.</summary>
    /// <param name="message">The message.</param>
    public RateLimiterRejectedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with a message and a cause.</summary>
    /// <param name="message">The message.</param>
    /// <param name="inner">The cause.</param>
    public RateLimiterRejectedException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>The time after which the limit may be open again, where the limiter knows it.</summary>
    public TimeSpan? RetryAfter { get; }
}
