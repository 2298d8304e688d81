using Aspire.Hosting.Testing;
using StackExchange.Redis;

namespace AgentPlatform.Tests.EndToEnd;

/// <summary>Redis as it was at one moment, to be put in the place of what it became.</summary>
internal sealed class RedisBackup
{
    private readonly string _file;
    private readonly byte[] _then;

    private RedisBackup(string file, byte[] then) => (_file, _then) = (file, then);

    public static async Task<RedisBackup> TakeAsync(Platform platform)
    {
        await using var redis = await ConnectAsync(platform);
        var database = redis.GetDatabase();
        await database.ExecuteAsync("SAVE");
        var directory = (string[]?)await database.ExecuteAsync("CONFIG", "GET", "dir");
        var file = Path.Combine(directory![1], "dump.rdb");
        return new RedisBackup(file, await File.ReadAllBytesAsync(file));
    }

    /// <summary>Takes everything from Redis.</summary>
    public static async Task EmptyAsync(Platform platform)
    {
        await using var redis = await ConnectAsync(platform);
        await redis.GetDatabase().ExecuteAsync("FLUSHALL");
    }

    /// <summary>To be called while Redis does not run.</summary>
    public void Restore() => File.WriteAllBytes(_file, _then);

    private static async Task<ConnectionMultiplexer> ConnectAsync(Platform platform)
    {
        var options = ConfigurationOptions.Parse((await platform.App.GetConnectionStringAsync("redis"))!);
        options.AllowAdmin = true;
        return await ConnectionMultiplexer.ConnectAsync(options);
    }
}
