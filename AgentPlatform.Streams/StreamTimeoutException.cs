namespace AgentPlatform.Streams;

/// <summary>Redis did not answer in time. Whether the command took effect is not known.</summary>
public sealed class StreamTimeoutException : TimeoutException
{
    /// <summary>Says how long was waited.</summary>
    /// <param name="message">The text.</param>
    /// <param name="innerException">The timer's exception.</param>
    public StreamTimeoutException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
