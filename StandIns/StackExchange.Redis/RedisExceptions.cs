namespace StackExchange.Redis;

/// <summary>Something between the client and the server went wrong.</summary>
public class RedisException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What went wrong.</param>
    public RedisException(string message)
        : this(message, null)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">Why.</param>
    public RedisException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The server answered with an error; the message is its own.</summary>
/// <param name="message">The error.</param>
public sealed class RedisServerException(string message) : RedisException(message);

/// <summary>There was no connection, or it broke while the command was under way: whether it was executed is not known then.</summary>
public sealed class RedisConnectionException : RedisException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="failureType">What kind of failure it was.</param>
    /// <param name="message">What went wrong.</param>
    public RedisConnectionException(ConnectionFailureType failureType, string message)
        : this(failureType, message, null)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="failureType">What kind of failure it was.</param>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">Why.</param>
    public RedisConnectionException(ConnectionFailureType failureType, string message, Exception? innerException)
        : this(failureType, message, innerException, CommandStatus.Unknown)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="failureType">What kind of failure it was.</param>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">Why.</param>
    /// <param name="commandStatus">How far the command had come.</param>
    public RedisConnectionException(ConnectionFailureType failureType, string message, Exception? innerException, CommandStatus commandStatus)
        : base(message, innerException)
    {
        FailureType = failureType;
        CommandStatus = commandStatus;
    }

    /// <summary>What kind of failure it was.</summary>
    public ConnectionFailureType FailureType { get; }

    /// <summary>How far the command had come.</summary>
    public CommandStatus CommandStatus { get; }
}

/// <summary>No answer came in time; whether a command that was sent was executed is not known.</summary>
/// <param name="message">What did not come.</param>
/// <param name="commandStatus">How far the command had come.</param>
public sealed class RedisTimeoutException(string message, CommandStatus commandStatus) : TimeoutException(message)
{
    /// <summary>How far the command had come.</summary>
    public CommandStatus Commandstatus { get; } = commandStatus;
}

/// <summary>How far a command came.</summary>
public enum CommandStatus
{
    /// <summary>Not known.</summary>
    Unknown,

    /// <summary>It waited.</summary>
    WaitingToBeSent,

    /// <summary>It was sent.</summary>
    Sent,

    /// <summary>It waited for a connection.</summary>
    WaitingInBacklog,
}

/// <summary>What kind of failure ended a connection.</summary>
public enum ConnectionFailureType
{
    /// <summary>None.</summary>
    None,

    /// <summary>It could not be made.</summary>
    UnableToResolvePhysicalConnection,

    /// <summary>The socket failed.</summary>
    SocketFailure,

    /// <summary>The server refused name or password.</summary>
    AuthenticationFailure,

    /// <summary>The server sent what is not its protocol.</summary>
    ProtocolFailure,

    /// <summary>The client is at fault.</summary>
    InternalFailure,

    /// <summary>The server closed it.</summary>
    SocketClosed,

    /// <summary>The client closed it.</summary>
    ConnectionDisposed,

    /// <summary>The server is still loading its data.</summary>
    Loading,

    /// <summary>It could not be made.</summary>
    UnableToConnect,
}
