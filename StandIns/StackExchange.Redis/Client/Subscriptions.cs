using StackExchange.Redis.Connections;

namespace StackExchange.Redis;

/// <summary>
/// Who listens to which channel, and the connection for it, which is made when somebody first listens. Each new session of it listens to all of
/// them again before anything else.
/// </summary>
internal sealed class Subscriptions(ConfigurationOptions options, MultiplexerEvents events) : ILinkOwner, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RedisChannel, List<Action<RedisChannel, RedisValue>>> _handlers = [];
    private Link? _link;
    private bool _disposed;

    public bool IsConnected => _link?.IsConnected ?? false;

    /// <summary>Adds a handler, and sends the command for it; it is in force with the reply, which comes for a channel already listened to as well.</summary>
    public (Link Link, PendingCommand Sent) Add(RedisChannel channel, Action<RedisChannel, RedisValue> handler)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(ConnectionMultiplexer));
            _link ??= new Link(options, ConnectionType.Subscription, this);

            // Sent under the lock: the server must hear of coming and going in the order in which they are noted here.
            var command = SubscribeCommand(channel);
            _link.Send(command);
            if (!_handlers.TryGetValue(channel, out var handlers))
            {
                _handlers.Add(channel, handlers = []);
            }

            handlers.Add(handler);
            return (_link, command);
        }
    }

    /// <summary>
    /// Takes a handler, or all of a channel, away, and sends the command for it; null where others still listen. Without a connection there is
    /// nothing to take back: a new one only listens to what is left.
    /// </summary>
    public (Link Link, PendingCommand Sent)? Remove(RedisChannel channel, Action<RedisChannel, RedisValue>? handler)
    {
        lock (_lock)
        {
            if (!_handlers.TryGetValue(channel, out var handlers))
            {
                return null;
            }

            if (handler is not null && (!handlers.Remove(handler) || handlers.Count > 0))
            {
                return null;
            }

            _handlers.Remove(channel);
            if (_link is not { IsConnected: true } link)
            {
                return null;
            }

            var command = PendingCommand.Of(channel.IsPattern ? "PUNSUBSCRIBE" : "UNSUBSCRIBE", NameOf(channel));
            link.Send(command);
            return (link, command);
        }
    }

    public RedisChannel[] Channels()
    {
        lock (_lock)
        {
            return [.. _handlers.Keys];
        }
    }

    public RedisValue NameOf(RedisChannel channel) =>
        options.ChannelPrefix.IsNullOrEmpty ? (byte[]?)channel : (byte[])[.. (byte[]?)options.ChannelPrefix ?? [], .. (byte[]?)channel ?? []];

    public IEnumerable<PendingCommand> FirstCommands(Link link) => [.. Channels().Select(SubscribeCommand)];

    public bool TakePush(Link link, RedisResult reply)
    {
        if (reply is not ArrayRedisResult { Length: >= 3 } || !reply[0].AsValue().ToString().EndsWith("message", StringComparison.Ordinal))
        {
            return false;
        }

        // "message", channel, message; or "pmessage", pattern, channel, message.
        var isPattern = reply.Length == 4;
        var mode = isPattern ? RedisChannel.PatternMode.Pattern : RedisChannel.PatternMode.Literal;
        var subscribed = new RedisChannel(WithoutPrefix(reply[1]), mode);
        var from = new RedisChannel(WithoutPrefix(reply[isPattern ? 2 : 1]), RedisChannel.PatternMode.Literal);
        Dispatch(link, subscribed, from, reply[isPattern ? 3 : 2].AsValue());
        return true;
    }

    public void OnFailed(Link link, RedisConnectionException cause) => events.OnFailed(link, cause);

    public void OnRestored(Link link) => events.OnRestored(link);

    public async ValueTask DisposeAsync()
    {
        Link? link;
        lock (_lock)
        {
            (_disposed, link) = (true, _link);
        }

        if (link is not null)
        {
            await link.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Dispatch(Link link, RedisChannel subscribed, RedisChannel from, RedisValue message)
    {
        Action<RedisChannel, RedisValue>[] handlers;
        lock (_lock)
        {
            handlers = _handlers.TryGetValue(subscribed, out var all) ? [.. all] : [];
        }

        foreach (var handler in handlers)
        {
            // A queue only takes the message up, in the order of arrival; other handlers may take their time.
            if (handler.Target is ChannelMessageQueue)
            {
                handler(from, message);
            }
            else
            {
                events.Announce(link, () => handler(from, message));
            }
        }
    }

    private PendingCommand SubscribeCommand(RedisChannel channel) => PendingCommand.Of(channel.IsPattern ? "PSUBSCRIBE" : "SUBSCRIBE", NameOf(channel));

    private byte[] WithoutPrefix(RedisResult name) => ((byte[]?)name.AsValue() ?? [])[((byte[]?)options.ChannelPrefix)?.Length is { } length ? length.. : ..];
}
