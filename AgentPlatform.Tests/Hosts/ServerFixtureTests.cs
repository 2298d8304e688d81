using Npgsql;

namespace AgentPlatform.Tests.Hosts;

public sealed class ServerFixtureTests
{
    [Fact]
    public async Task EachTestHasADatabaseOfItsOwn()
    {
        await using var first = await PostgresServer.FreshDatabaseAsync();
        await using var second = await PostgresServer.FreshDatabaseAsync();
        await ExecuteAsync(first, "CREATE TABLE mine (id int)");

        var error = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(second, "SELECT * FROM mine"));

        Assert.Equal(PostgresErrorCodes.UndefinedTable, error.SqlState);
    }

    [Fact]
    public async Task AServerThatCrashedComesBackWithItsData()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var database = await server.CreateDatabaseAsync();
        await ExecuteAsync(database, "CREATE TABLE mine (id int)");

        await server.StopAsync(crash: true);
        await server.StartAgainAsync();

        NpgsqlConnection.ClearAllPools();
        await ExecuteAsync(database, "SELECT * FROM mine");
    }

    [Fact]
    public async Task NothingOfAServerIsLeft()
    {
        var before = Directory.GetDirectories(Path.GetTempPath(), "ap-redis-*").ToHashSet();
        var server = await RedisServer.StartAsync();
        var directory = Assert.Single(
            Directory.GetDirectories(Path.GetTempPath(), "ap-redis-*"),
            path => !before.Contains(path) && File.ReadAllText(Path.Combine(path, "redis.conf")).Contains($"port {server.Port}", StringComparison.Ordinal));

        await server.DisposeAsync();

        Assert.False(Directory.Exists(directory));
        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(async () =>
        {
            using var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync("127.0.0.1", server.Port);
        });
    }

    private static async Task ExecuteAsync(PostgresDatabase database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
