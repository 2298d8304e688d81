using System.Diagnostics;
using StackExchange.Redis.Connections;
using StackExchange.Redis.Protocol;

namespace StackExchange.Redis;

internal sealed class DatabaseCommands(ConnectionMultiplexer client, int database) : IDatabase
{
    private static readonly RedisResult Nothing = RedisResult.Create(RedisValue.Null);

    private readonly int _database = database < 0 ? client.DefaultDatabase : database;

    public int Database => _database;

    public IConnectionMultiplexer Multiplexer => client;

    public bool IsConnected(RedisKey key, CommandFlags flags = CommandFlags.None) => client.IsConnected;

    public async Task<TimeSpan> PingAsync(CommandFlags flags = CommandFlags.None)
    {
        var started = Stopwatch.GetTimestamp();
        await SendAsync(flags, "PING").ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(started);
    }

    public Task<RedisResult> ExecuteAsync(string command, params object[] args) => ExecuteAsync(command, args, CommandFlags.None);

    public Task<RedisResult> ExecuteAsync(string command, ICollection<object>? args, CommandFlags flags = CommandFlags.None) =>
        SendAsync(flags, command, [.. (args ?? []).Select(RedisValue.FromArgument)]);

    public async Task<RedisResult> ScriptEvaluateAsync(
        string script, RedisKey[]? keys = null, RedisValue[]? values = null, CommandFlags flags = CommandFlags.None)
    {
        RedisValue[] rest = [keys?.Length ?? 0, .. (keys ?? []).Select(key => key.AsValue()), .. values ?? []];
        if (!flags.HasFlag(CommandFlags.NoScriptCache) && !flags.HasFlag(CommandFlags.FireAndForget))
        {
            try
            {
                return await SendAsync(flags, "EVALSHA", [ScriptHash.Of(script), .. rest]).ConfigureAwait(false);
            }
            catch (RedisServerException unknown) when (unknown.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                // The server has not seen it, or forgot it when it restarted: nothing was done.
                return await SendAsync(flags, "EVAL", [script, .. rest]).ConfigureAwait(false);
            }
        }

        return await SendAsync(flags, "EVAL", [script, .. rest]).ConfigureAwait(false);
    }

    public Task<long> PublishAsync(RedisChannel channel, RedisValue message, CommandFlags flags = CommandFlags.None) =>
        new SubscriberCommands(client).PublishAsync(channel, message, flags);

    public async Task<bool> KeyDeleteAsync(RedisKey key, CommandFlags flags = CommandFlags.None) =>
        await KeyDeleteAsync([key], flags).ConfigureAwait(false) > 0;

    public async Task<long> KeyDeleteAsync(RedisKey[] keys, CommandFlags flags = CommandFlags.None) =>
        (long)await SendAsync(flags, "DEL", [.. keys.Select(key => key.AsValue())]).ConfigureAwait(false);

    public async Task<bool> KeyExistsAsync(RedisKey key, CommandFlags flags = CommandFlags.None) =>
        (bool)await SendAsync(flags, "EXISTS", key.AsValue()).ConfigureAwait(false);

    public async Task<bool> KeyExpireAsync(RedisKey key, TimeSpan? expiry, ExpireWhen when = ExpireWhen.Always, CommandFlags flags = CommandFlags.None) =>
        (bool)await (expiry is { } time
            ? SendAsync(flags, "PEXPIRE", [key.AsValue(), Milliseconds(time), .. Condition(when)])
            : SendAsync(flags, "PERSIST", key.AsValue())).ConfigureAwait(false);

    public async Task<TimeSpan?> KeyTimeToLiveAsync(RedisKey key, CommandFlags flags = CommandFlags.None)
    {
        var milliseconds = (long)await SendAsync(flags, "PTTL", key.AsValue()).ConfigureAwait(false);
        return milliseconds < 0 ? null : TimeSpan.FromMilliseconds(milliseconds);
    }

    public async Task<RedisValue> StringGetAsync(RedisKey key, CommandFlags flags = CommandFlags.None) =>
        (RedisValue)await SendAsync(flags, "GET", key.AsValue()).ConfigureAwait(false);

    public Task<bool> StringSetAsync(RedisKey key, RedisValue value, TimeSpan? expiry, When when) =>
        StringSetAsync(key, value, expiry, keepTtl: false, when, CommandFlags.None);

    public Task<bool> StringSetAsync(RedisKey key, RedisValue value, TimeSpan? expiry, When when, CommandFlags flags) =>
        StringSetAsync(key, value, expiry, keepTtl: false, when, flags);

    public async Task<bool> StringSetAsync(
        RedisKey key, RedisValue value, TimeSpan? expiry = null, bool keepTtl = false, When when = When.Always, CommandFlags flags = CommandFlags.None)
    {
        List<RedisValue> arguments = [key.AsValue(), value];
        if (expiry is { } time)
        {
            arguments.AddRange(["PX", Milliseconds(time)]);
        }
        else if (keepTtl)
        {
            arguments.Add("KEEPTTL");
        }

        if (when != When.Always)
        {
            arguments.Add(when == When.Exists ? "XX" : "NX");
        }

        return !(await SendAsync(flags, "SET", [.. arguments]).ConfigureAwait(false)).IsNull;
    }

    public async Task<long> StringIncrementAsync(RedisKey key, long value = 1, CommandFlags flags = CommandFlags.None) =>
        (long)await SendAsync(flags, "INCRBY", key.AsValue(), value).ConfigureAwait(false);

    public async Task<RedisValue> HashGetAsync(RedisKey key, RedisValue hashField, CommandFlags flags = CommandFlags.None) =>
        (RedisValue)await SendAsync(flags, "HGET", key.AsValue(), hashField).ConfigureAwait(false);

    public async Task<HashEntry[]> HashGetAllAsync(RedisKey key, CommandFlags flags = CommandFlags.None)
    {
        var items = (RedisValue[]?)await SendAsync(flags, "HGETALL", key.AsValue()).ConfigureAwait(false) ?? [];
        return [.. items.Chunk(2).Select(pair => new HashEntry(pair[0], pair[1]))];
    }

    public Task HashSetAsync(RedisKey key, HashEntry[] hashFields, CommandFlags flags = CommandFlags.None) =>
        SendAsync(flags, "HSET", [key.AsValue(), .. hashFields.SelectMany(field => (RedisValue[])[field.Name, field.Value])]);

    public async Task<bool> HashSetAsync(
        RedisKey key, RedisValue hashField, RedisValue value, When when = When.Always, CommandFlags flags = CommandFlags.None) =>
        (bool)await SendAsync(flags, when == When.NotExists ? "HSETNX" : "HSET", key.AsValue(), hashField, value).ConfigureAwait(false);

    public async Task<bool> HashDeleteAsync(RedisKey key, RedisValue hashField, CommandFlags flags = CommandFlags.None) =>
        (bool)await SendAsync(flags, "HDEL", key.AsValue(), hashField).ConfigureAwait(false);

    public async Task<bool> SetAddAsync(RedisKey key, RedisValue value, CommandFlags flags = CommandFlags.None) =>
        (bool)await SendAsync(flags, "SADD", key.AsValue(), value).ConfigureAwait(false);

    public async Task<bool> SetRemoveAsync(RedisKey key, RedisValue value, CommandFlags flags = CommandFlags.None) =>
        (bool)await SendAsync(flags, "SREM", key.AsValue(), value).ConfigureAwait(false);

    public async Task<RedisValue[]> SetMembersAsync(RedisKey key, CommandFlags flags = CommandFlags.None) =>
        (RedisValue[]?)await SendAsync(flags, "SMEMBERS", key.AsValue()).ConfigureAwait(false) ?? [];

    public TimeSpan Ping(CommandFlags flags = CommandFlags.None) => Blocking.Wait(PingAsync(flags), client);

    public RedisResult Execute(string command, params object[] args) => Blocking.Wait(ExecuteAsync(command, args), client);

    public RedisResult Execute(string command, ICollection<object> args, CommandFlags flags = CommandFlags.None) =>
        Blocking.Wait(ExecuteAsync(command, args, flags), client);

    public bool KeyDelete(RedisKey key, CommandFlags flags = CommandFlags.None) => Blocking.Wait(KeyDeleteAsync(key, flags), client);

    public bool KeyExists(RedisKey key, CommandFlags flags = CommandFlags.None) => Blocking.Wait(KeyExistsAsync(key, flags), client);

    public RedisValue StringGet(RedisKey key, CommandFlags flags = CommandFlags.None) => Blocking.Wait(StringGetAsync(key, flags), client);

    public bool StringSet(
        RedisKey key, RedisValue value, TimeSpan? expiry = null, bool keepTtl = false, When when = When.Always, CommandFlags flags = CommandFlags.None) =>
        Blocking.Wait(StringSetAsync(key, value, expiry, keepTtl, when, flags), client);

    private static RedisValue Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;

    private static RedisValue[] Condition(ExpireWhen when) => when switch
    {
        ExpireWhen.GreaterThanCurrentExpiry => ["GT"],
        ExpireWhen.HasExpiry => ["XX"],
        ExpireWhen.HasNoExpiry => ["NX"],
        ExpireWhen.LessThanCurrentExpiry => ["LT"],
        _ => [],
    };

    private async Task<RedisResult> SendAsync(CommandFlags flags, string command, params RedisValue[] arguments)
    {
        var pending = new PendingCommand(command.ToUpperInvariant(), RespWriter.Write(command, arguments), _database);
        return await client.SendAsync(pending, flags).ConfigureAwait(false) ?? Nothing;
    }
}
