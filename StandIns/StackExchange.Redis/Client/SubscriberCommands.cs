using System.Diagnostics;
using StackExchange.Redis.Connections;

namespace StackExchange.Redis;

internal sealed class SubscriberCommands(ConnectionMultiplexer client) : ISubscriber
{
    public IConnectionMultiplexer Multiplexer => client;

    private Subscriptions Subscriptions => client.Subscriptions;

    public bool IsConnected(RedisChannel channel = default) => Subscriptions.IsConnected;

    public TimeSpan Ping(CommandFlags flags = CommandFlags.None) => Blocking.Wait(PingAsync(flags), client);

    public async Task<TimeSpan> PingAsync(CommandFlags flags = CommandFlags.None)
    {
        var started = Stopwatch.GetTimestamp();
        await client.SendAsync(PendingCommand.Of("PING"), flags).ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(started);
    }

    public long Publish(RedisChannel channel, RedisValue message, CommandFlags flags = CommandFlags.None) =>
        Blocking.Wait(PublishAsync(channel, message, flags), client);

    public async Task<long> PublishAsync(RedisChannel channel, RedisValue message, CommandFlags flags = CommandFlags.None)
    {
        var reply = await client.SendAsync(PendingCommand.Of("PUBLISH", Subscriptions.NameOf(channel), message), flags).ConfigureAwait(false);
        return reply is null ? 0 : (long)reply;
    }

    public void Subscribe(RedisChannel channel, Action<RedisChannel, RedisValue> handler, CommandFlags flags = CommandFlags.None) =>
        Blocking.Wait(SubscribeAsync(channel, handler, flags), client);

    public async Task SubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue> handler, CommandFlags flags = CommandFlags.None)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var (link, sent) = Subscriptions.Add(channel, handler);
        try
        {
            await client.AwaitAsync(link, sent).ConfigureAwait(false);
        }
        catch
        {
            // Who is told that it failed does not listen, also not later.
            Subscriptions.Remove(channel, handler);
            throw;
        }
    }

    public async Task<ChannelMessageQueue> SubscribeAsync(RedisChannel channel, CommandFlags flags = CommandFlags.None)
    {
        var queue = new ChannelMessageQueue(channel, this);
        await SubscribeAsync(channel, queue.Add, flags).ConfigureAwait(false);
        return queue;
    }

    public void Unsubscribe(RedisChannel channel, Action<RedisChannel, RedisValue>? handler = null, CommandFlags flags = CommandFlags.None) =>
        Blocking.Wait(UnsubscribeAsync(channel, handler, flags), client);

    public async Task UnsubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue>? handler = null, CommandFlags flags = CommandFlags.None)
    {
        if (Subscriptions.Remove(channel, handler) is { } removed)
        {
            await client.AwaitAsync(removed.Link, removed.Sent).ConfigureAwait(false);
        }
    }

    public async Task UnsubscribeAllAsync(CommandFlags flags = CommandFlags.None)
    {
        foreach (var channel in Subscriptions.Channels())
        {
            await UnsubscribeAsync(channel, handler: null, flags).ConfigureAwait(false);
        }
    }
}
