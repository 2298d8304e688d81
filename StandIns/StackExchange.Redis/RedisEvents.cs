using System.Net;

namespace StackExchange.Redis;

/// <summary>A connection broke, or came back.</summary>
/// <param name="sender">The client.</param>
/// <param name="endPoint">The server.</param>
/// <param name="connectionType">Which connection.</param>
/// <param name="failureType">What kind of failure it was.</param>
/// <param name="exception">Why.</param>
/// <param name="physicalName">Its name in messages.</param>
public class ConnectionFailedEventArgs(
    object sender, EndPoint endPoint, ConnectionType connectionType, ConnectionFailureType failureType, Exception exception, string physicalName) : EventArgs
{
    /// <summary>The server.</summary>
    public EndPoint? EndPoint { get; } = endPoint;

    /// <summary>Which connection.</summary>
    public ConnectionType ConnectionType { get; } = connectionType;

    /// <summary>What kind of failure it was.</summary>
    public ConnectionFailureType FailureType { get; } = failureType;

    /// <summary>Why; null where it came back.</summary>
    public Exception? Exception { get; } = exception;

    /// <inheritdoc/>
    public override string ToString() => $"{physicalName} of {sender}";
}

/// <summary>Something failed that no caller waits for, such as a handler of messages.</summary>
/// <param name="sender">The client.</param>
/// <param name="endpoint">The server.</param>
/// <param name="connectionType">Which connection.</param>
/// <param name="exception">What failed.</param>
/// <param name="origin">Where.</param>
public class InternalErrorEventArgs(object sender, EndPoint endpoint, ConnectionType connectionType, Exception exception, string origin) : EventArgs
{
    /// <summary>The server.</summary>
    public EndPoint? EndPoint { get; } = endpoint;

    /// <summary>Which connection.</summary>
    public ConnectionType ConnectionType { get; } = connectionType;

    /// <summary>What failed.</summary>
    public Exception Exception { get; } = exception;

    /// <summary>Where.</summary>
    public string? Origin { get; } = origin;

    /// <inheritdoc/>
    public override string ToString() => $"{Origin} of {sender}";
}

/// <summary>What a connection is for.</summary>
public enum ConnectionType
{
    /// <summary>Not a connection.</summary>
    None = 0,

    /// <summary>Commands and their replies.</summary>
    Interactive = 1,

    /// <summary>Messages of channels.</summary>
    Subscription = 2,
}
