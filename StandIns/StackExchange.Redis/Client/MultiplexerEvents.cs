using StackExchange.Redis.Connections;

namespace StackExchange.Redis;

/// <summary>Announces what happens to a client's connections, each event on a thread of its own: a handler cannot hold a connection up.</summary>
internal sealed class MultiplexerEvents(ConnectionMultiplexer client) : ILinkOwner
{
    public event EventHandler<ConnectionFailedEventArgs>? Failed;

    public event EventHandler<ConnectionFailedEventArgs>? Restored;

    public event EventHandler<InternalErrorEventArgs>? Internal;

    public IEnumerable<PendingCommand> FirstCommands(Link link) => [];

    public bool TakePush(Link link, RedisResult reply) => false;

    public void OnFailed(Link link, RedisConnectionException cause) =>
        Announce(link, () => Failed?.Invoke(client, new(client, link.EndPoint, link.Type, cause.FailureType, cause, link.Type.ToString())));

    public void OnRestored(Link link) =>
        Announce(link, () => Restored?.Invoke(client, new(client, link.EndPoint, link.Type, ConnectionFailureType.None, null!, link.Type.ToString())));

    /// <summary>Runs what the application gave us, and announces it where it fails.</summary>
    public void Announce(Link link, Action action) => ThreadPool.UnsafeQueueUserWorkItem(
        _ =>
        {
            try
            {
                action();
            }
#pragma warning disable CA1031 // The application's handler; its failure is announced, and must not end the process.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Internal?.Invoke(client, new(client, link.EndPoint, link.Type, failure, "a handler of the application"));
            }
        },
        null);
}
