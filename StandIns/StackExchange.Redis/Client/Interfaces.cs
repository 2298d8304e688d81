using System.Net;

namespace StackExchange.Redis;

/// <summary>What everything that talks to a server can do, awaited.</summary>
public interface IRedisAsync
{
    /// <summary>The client.</summary>
    IConnectionMultiplexer Multiplexer { get; }

    /// <summary>Asks whether the server answers, and how fast.</summary>
    /// <param name="flags">How it is sent.</param>
    Task<TimeSpan> PingAsync(CommandFlags flags = CommandFlags.None);
}

/// <summary>What everything that talks to a server can do.</summary>
public interface IRedis : IRedisAsync
{
    /// <summary>Asks whether the server answers, and how fast.</summary>
    /// <param name="flags">How it is sent.</param>
    TimeSpan Ping(CommandFlags flags = CommandFlags.None);
}

/// <summary>A server at one address.</summary>
public interface IServer : IRedis
{
    /// <summary>The address.</summary>
    EndPoint EndPoint { get; }

    /// <summary>Whether there is a connection.</summary>
    bool IsConnected { get; }

    /// <summary>Sends any command.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="args">Its arguments.</param>
    RedisResult Execute(string command, params object[] args);

    /// <summary>Sends any command.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="args">Its arguments.</param>
    Task<RedisResult> ExecuteAsync(string command, params object[] args);

    /// <summary>Empties a database.</summary>
    /// <param name="database">Its number; -1: the default one.</param>
    /// <param name="flags">How it is sent.</param>
    Task FlushDatabaseAsync(int database = -1, CommandFlags flags = CommandFlags.None);
}

/// <summary>Messages of channels. They reach who listens at the moment, and nobody else.</summary>
public interface ISubscriber : IRedis
{
    /// <summary>Whether there is a connection.</summary>
    /// <param name="channel">Not acted upon.</param>
    bool IsConnected(RedisChannel channel = default);

    /// <summary>Sends a message.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="message">The message.</param>
    /// <param name="flags">How it is sent.</param>
    /// <returns>How many it reached.</returns>
    long Publish(RedisChannel channel, RedisValue message, CommandFlags flags = CommandFlags.None);

    /// <summary>Sends a message.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="message">The message.</param>
    /// <param name="flags">How it is sent.</param>
    /// <returns>How many it reached.</returns>
    Task<long> PublishAsync(RedisChannel channel, RedisValue message, CommandFlags flags = CommandFlags.None);

    /// <summary>Listens, also after the connection broke and came back.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="handler">Called with each message, also at the same time as with another.</param>
    /// <param name="flags">How it is sent.</param>
    void Subscribe(RedisChannel channel, Action<RedisChannel, RedisValue> handler, CommandFlags flags = CommandFlags.None);

    /// <summary>Listens, also after the connection broke and came back.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="handler">Called with each message, also at the same time as with another.</param>
    /// <param name="flags">How it is sent.</param>
    Task SubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue> handler, CommandFlags flags = CommandFlags.None);

    /// <summary>Listens, and keeps the messages in order.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="flags">How it is sent.</param>
    Task<ChannelMessageQueue> SubscribeAsync(RedisChannel channel, CommandFlags flags = CommandFlags.None);

    /// <summary>Listens no more.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="handler">The handler; null: all of the channel.</param>
    /// <param name="flags">How it is sent.</param>
    void Unsubscribe(RedisChannel channel, Action<RedisChannel, RedisValue>? handler = null, CommandFlags flags = CommandFlags.None);

    /// <summary>Listens no more.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="handler">The handler; null: all of the channel.</param>
    /// <param name="flags">How it is sent.</param>
    Task UnsubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue>? handler = null, CommandFlags flags = CommandFlags.None);

    /// <summary>Listens to nothing any more.</summary>
    /// <param name="flags">How it is sent.</param>
    Task UnsubscribeAllAsync(CommandFlags flags = CommandFlags.None);
}

/// <summary>A client: one connection for the commands of all callers, and one for messages. It comes back by itself.</summary>
public interface IConnectionMultiplexer : IDisposable, IAsyncDisposable
{
    /// <summary>A connection broke, or could not be made.</summary>
    event EventHandler<ConnectionFailedEventArgs> ConnectionFailed;

    /// <summary>A connection came back.</summary>
    event EventHandler<ConnectionFailedEventArgs> ConnectionRestored;

    /// <summary>Something failed that no caller waits for.</summary>
    event EventHandler<InternalErrorEventArgs> InternalError;

    /// <summary>The client's name at the server.</summary>
    string ClientName { get; }

    /// <summary>The options as text, without the password.</summary>
    string Configuration { get; }

    /// <summary>How long a caller that blocks waits for a reply, in milliseconds.</summary>
    int TimeoutMilliseconds { get; }

    /// <summary>Whether there is a connection for commands.</summary>
    bool IsConnected { get; }

    /// <summary>Whether there is none, and one is being made.</summary>
    bool IsConnecting { get; }

    /// <summary>The commands on stored data.</summary>
    /// <param name="db">The database; -1: the default one.</param>
    /// <param name="asyncState">Not acted upon.</param>
    IDatabase GetDatabase(int db = -1, object? asyncState = null);

    /// <summary>The messages of channels.</summary>
    /// <param name="asyncState">Not acted upon.</param>
    ISubscriber GetSubscriber(object? asyncState = null);

    /// <summary>The commands on a server.</summary>
    /// <param name="endpoint">Its address.</param>
    /// <param name="asyncState">Not acted upon.</param>
    IServer GetServer(EndPoint endpoint, object? asyncState = null);

    /// <summary>The commands on each server.</summary>
    IServer[] GetServers();

    /// <summary>The addresses.</summary>
    /// <param name="configuredOnly">Not acted upon: others are not known.</param>
    EndPoint[] GetEndPoints(bool configuredOnly = false);

    /// <summary>Ends the connections.</summary>
    /// <param name="allowCommandsToComplete">Not acted upon: commands under way fail.</param>
    void Close(bool allowCommandsToComplete = true);

    /// <summary>Ends the connections.</summary>
    /// <param name="allowCommandsToComplete">Not acted upon: commands under way fail.</param>
    Task CloseAsync(bool allowCommandsToComplete = true);

    /// <summary>Describes the connections.</summary>
    string GetStatus();
}
