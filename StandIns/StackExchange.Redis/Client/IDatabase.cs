namespace StackExchange.Redis;

/// <summary>Commands on stored data, awaited.</summary>
public interface IDatabaseAsync : IRedisAsync
{
    /// <summary>Whether there is a connection.</summary>
    /// <param name="key">Not acted upon.</param>
    /// <param name="flags">Not acted upon.</param>
    bool IsConnected(RedisKey key, CommandFlags flags = CommandFlags.None);

    /// <summary>Sends any command that does not block. Text, bytes, numbers, keys and values are arguments.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="args">Its arguments.</param>
    Task<RedisResult> ExecuteAsync(string command, params object[] args);

    /// <summary>Sends any command that does not block. Text, bytes, numbers, keys and values are arguments.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="flags">How it is sent.</param>
    Task<RedisResult> ExecuteAsync(string command, ICollection<object>? args, CommandFlags flags = CommandFlags.None);

    /// <summary>Runs a script. It is sent once and then named by its hash.</summary>
    /// <param name="script">The script.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="values">Its arguments.</param>
    /// <param name="flags">How it is sent.</param>
    Task<RedisResult> ScriptEvaluateAsync(string script, RedisKey[]? keys = null, RedisValue[]? values = null, CommandFlags flags = CommandFlags.None);

    /// <summary>Sends a message.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="message">The message.</param>
    /// <param name="flags">How it is sent.</param>
    Task<long> PublishAsync(RedisChannel channel, RedisValue message, CommandFlags flags = CommandFlags.None);

    /// <summary>DEL.</summary>
    /// <param name="key">The key.</param>
    /// <param name="flags">How it is sent.</param>
    Task<bool> KeyDeleteAsync(RedisKey key, CommandFlags flags = CommandFlags.None);

    /// <summary>DEL.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="flags">How it is sent.</param>
    Task<long> KeyDeleteAsync(RedisKey[] keys, CommandFlags flags = CommandFlags.None);

    /// <summary>EXISTS.</summary>
    /// <param name="key">The key.</param>
    /// <param name="flags">How it is sent.</param>
    Task<bool> KeyExistsAsync(RedisKey key, CommandFlags flags = CommandFlags.None);

    /// <summary>PEXPIRE, or PERSIST for null.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expiry">The time it is kept.</param>
    /// <param name="when">On which condition.</param>
    /// <param name="flags">How it is sent.</param>
    Task<bool> KeyExpireAsync(RedisKey key, TimeSpan? expiry, ExpireWhen when = ExpireWhen.Always, CommandFlags flags = CommandFlags.None);

    /// <summary>PTTL.</summary>
    /// <param name="key">The key.</param>
    /// <param name="flags">How it is sent.</param>
    Task<TimeSpan?> KeyTimeToLiveAsync(RedisKey key, CommandFlags flags = CommandFlags.None);

    /// <summary>GET.</summary>
    /// <param name="key">The key.</param>
    /// <param name="flags">How it is sent.</param>
    Task<RedisValue> StringGetAsync(RedisKey key, CommandFlags flags = CommandFlags.None);

    /// <summary>SET.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="expiry">The time it is kept; null: for ever.</param>
    /// <param name="when">On which condition.</param>
    Task<bool> StringSetAsync(RedisKey key, RedisValue value, TimeSpan? expiry, When when);

    /// <summary>SET.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="expiry">The time it is kept; null: for ever.</param>
    /// <param name="when">On which condition.</param>
    /// <param name="flags">How it is sent.</param>
    Task<bool> StringSetAsync(RedisKey key, RedisValue value, TimeSpan? expiry, When when, CommandFlags flags);

    /// <summary>SET.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="expiry">The time it is kept; null: for ever.</param>
    /// <param name="keepTtl">Whether the time of the value before goes on.</param>
    /// <param name="when">On which condition.</param>
    /// <param name="flags">How it is sent.</param>
    Task<bool> StringSetAsync(
        RedisKey key, RedisValue value, TimeSpan? expiry = null, bool keepTtl = false, When when = When.Always, CommandFlags flags = CommandFlags.None);

    /// <summary>INCRBY.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">By how much.</param>
    /// <param name="flags">How it is sent.</param>
    Task<long> StringIncrementAsync(RedisKey key, long value = 1, CommandFlags flags = CommandFlags.None);

    /// <summary>HGET.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hashField">The field.</param>
    /// <param name="flags">How it is sent.</param>
    Task<RedisValue> HashGetAsync(RedisKey key, RedisValue hashField, CommandFlags flags = CommandFlags.None);

    /// <summary>HGETALL.</summary>
    /// <param name="key">The key.</param>
    /// <param name="flags">How it is sent.</param>
    Task<HashEntry[]> HashGetAllAsync(RedisKey key, CommandFlags flags = CommandFlags.None);

    /// <summary>HSET.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hashFields">The fields.</param>
    /// <param name="flags">How it is sent.</param>
    Task HashSetAsync(RedisKey key, HashEntry[] hashFields, CommandFlags flags = CommandFlags.None);

    /// <summary>HSET, or HSETNX.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hashField">The field.</param>
    /// <param name="value">Its value.</param>
    /// <param name="when">On which condition.</param>
    /// <param name="flags">How it is sent.</param>
    Task<bool> HashSetAsync(RedisKey key, RedisValue hashField, RedisValue value, When when = When.Always, CommandFlags flags = CommandFlags.None);

    /// <summary>HDEL.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hashField">The field.</param>
    /// <param name="flags">How it is sent.</param>
    Task<bool> HashDeleteAsync(RedisKey key, RedisValue hashField, CommandFlags flags = CommandFlags.None);

    /// <summary>SADD.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The member.</param>
    /// <param name="flags">How it is sent.</param>
    Task<bool> SetAddAsync(RedisKey key, RedisValue value, CommandFlags flags = CommandFlags.None);

    /// <summary>SREM.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The member.</param>
    /// <param name="flags">How it is sent.</param>
    Task<bool> SetRemoveAsync(RedisKey key, RedisValue value, CommandFlags flags = CommandFlags.None);

    /// <summary>SMEMBERS.</summary>
    /// <param name="key">The key.</param>
    /// <param name="flags">How it is sent.</param>
    Task<RedisValue[]> SetMembersAsync(RedisKey key, CommandFlags flags = CommandFlags.None);
}

/// <summary>Commands on stored data.</summary>
public interface IDatabase : IRedis, IDatabaseAsync
{
    /// <summary>The database's number; -1: the default one.</summary>
    int Database { get; }

    /// <summary>Sends any command that does not block.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="args">Its arguments.</param>
    RedisResult Execute(string command, params object[] args);

    /// <summary>Sends any command that does not block.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="flags">How it is sent.</param>
    RedisResult Execute(string command, ICollection<object> args, CommandFlags flags = CommandFlags.None);

    /// <summary>DEL.</summary>
    /// <param name="key">The key.</param>
    /// <param name="flags">How it is sent.</param>
    bool KeyDelete(RedisKey key, CommandFlags flags = CommandFlags.None);

    /// <summary>EXISTS.</summary>
    /// <param name="key">The key.</param>
    /// <param name="flags">How it is sent.</param>
    bool KeyExists(RedisKey key, CommandFlags flags = CommandFlags.None);

    /// <summary>GET.</summary>
    /// <param name="key">The key.</param>
    /// <param name="flags">How it is sent.</param>
    RedisValue StringGet(RedisKey key, CommandFlags flags = CommandFlags.None);

    /// <summary>SET.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="expiry">The time it is kept; null: for ever.</param>
    /// <param name="keepTtl">Whether the time of the value before goes on.</param>
    /// <param name="when">On which condition.</param>
    /// <param name="flags">How it is sent.</param>
    bool StringSet(
        RedisKey key, RedisValue value, TimeSpan? expiry = null, bool keepTtl = false, When when = When.Always, CommandFlags flags = CommandFlags.None);
}
