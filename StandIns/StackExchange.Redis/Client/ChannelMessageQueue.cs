using System.Threading.Channels;

namespace StackExchange.Redis;

/// <summary>A message of a channel.</summary>
public readonly struct ChannelMessage : IEquatable<ChannelMessage>
{
    internal ChannelMessage(RedisChannel subscribed, RedisChannel channel, RedisValue message)
    {
        SubscriptionChannel = subscribed;
        Channel = channel;
        Message = message;
    }

    /// <summary>What is listened to: a channel, or a pattern.</summary>
    public RedisChannel SubscriptionChannel { get; }

    /// <summary>The channel that the message was sent to.</summary>
    public RedisChannel Channel { get; }

    /// <summary>The message.</summary>
    public RedisValue Message { get; }

    /// <summary>Whether two messages are the same.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(ChannelMessage left, ChannelMessage right) => left.Equals(right);

    /// <summary>Whether two messages differ.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(ChannelMessage left, ChannelMessage right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(ChannelMessage other) => Channel == other.Channel && Message == other.Message;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ChannelMessage other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Channel, Message);

    /// <inheritdoc/>
    public override string ToString() => $"{Channel}:{Message}";
}

/// <summary>Messages of a channel, in the order of their arrival. Of those that nobody reads, the newest are kept.</summary>
public sealed class ChannelMessageQueue
{
    private const int MessagesMax = 16 * 1024;

    private readonly Channel<ChannelMessage> _messages =
        System.Threading.Channels.Channel.CreateBounded<ChannelMessage>(
            new BoundedChannelOptions(MessagesMax) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly ISubscriber _subscriber;

    internal ChannelMessageQueue(RedisChannel channel, ISubscriber subscriber)
    {
        Channel = channel;
        _subscriber = subscriber;
    }

    /// <summary>What is listened to.</summary>
    public RedisChannel Channel { get; }

    /// <summary>Completes when nothing more will come.</summary>
    public Task Completion => _messages.Reader.Completion;

    /// <summary>Takes the next message.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ChannelClosedException">Nothing more will come.</exception>
    public ValueTask<ChannelMessage> ReadAsync(CancellationToken cancellationToken = default) => _messages.Reader.ReadAsync(cancellationToken);

    /// <summary>Takes the next message where there is one.</summary>
    /// <param name="item">The message.</param>
    public bool TryRead(out ChannelMessage item) => _messages.Reader.TryRead(out item);

    /// <summary>Listens no more.</summary>
    /// <param name="flags">How it is sent.</param>
    public async Task UnsubscribeAsync(CommandFlags flags = CommandFlags.None)
    {
        _messages.Writer.TryComplete();
        await _subscriber.UnsubscribeAsync(Channel, Add, flags).ConfigureAwait(false);
    }

    internal void Add(RedisChannel channel, RedisValue message) => _messages.Writer.TryWrite(new ChannelMessage(Channel, channel, message));
}
