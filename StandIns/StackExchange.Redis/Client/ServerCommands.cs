using System.Net;

namespace StackExchange.Redis;

internal sealed class ServerCommands(ConnectionMultiplexer client, EndPoint endPoint) : IServer
{
    private readonly DatabaseCommands _database = new(client, -1);

    public EndPoint EndPoint => endPoint;

    public bool IsConnected => client.IsConnected;

    public IConnectionMultiplexer Multiplexer => client;

    public RedisResult Execute(string command, params object[] args) => _database.Execute(command, args);

    public Task<RedisResult> ExecuteAsync(string command, params object[] args) => _database.ExecuteAsync(command, args);

    public Task FlushDatabaseAsync(int database = -1, CommandFlags flags = CommandFlags.None) =>
        new DatabaseCommands(client, database).ExecuteAsync("FLUSHDB", null, flags);

    public TimeSpan Ping(CommandFlags flags = CommandFlags.None) => _database.Ping(flags);

    public Task<TimeSpan> PingAsync(CommandFlags flags = CommandFlags.None) => _database.PingAsync(flags);
}
