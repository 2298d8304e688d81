namespace Aspire.Hosting;

/// <summary>The application model is wrong, or a resource did not do what another one depends on.</summary>
public class DistributedApplicationException : Exception
{
    /// <summary>An error without a message.</summary>
    public DistributedApplicationException()
    {
    }

    /// <summary>An error with a message.</summary>
    /// <param name="message">What is wrong and, where possible, how to mend it.</param>
    public DistributedApplicationException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and its cause.</summary>
    /// <param name="message">What is wrong and, where possible, how to mend it.</param>
    /// <param name="innerException">The cause.</param>
    public DistributedApplicationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
