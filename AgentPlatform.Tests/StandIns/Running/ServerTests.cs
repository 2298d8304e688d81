using System.Net.Sockets;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Redis.Running;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace AgentPlatform.Tests.StandIns.Running;

/// <summary>Postgres and Redis as the app host runs them.</summary>
public sealed class ServerTests : IDisposable
{
    private readonly TemporaryDirectory _volumes = new();

    [Fact]
    public async Task PostgresAnswersWithThePasswordAndRefusesWithoutIt()
    {
        await using var app = await TestApp.StartAsync(builder => builder.AddPostgres("postgres").AddDatabase("shop", "shop-data"));
        await app.States.WaitForResourceHealthyAsync("shop", app.Deadline);
        var connectionString = await app.App.GetConnectionStringAsync("shop", app.Deadline);

        Assert.Equal("shop-data", await QueryAsync(connectionString!, "SELECT current_database()"));
        Assert.Equal("scram-sha-256", await QueryAsync(connectionString!, "SHOW password_encryption"));
        var wrong = new NpgsqlConnectionStringBuilder(connectionString) { Password = "wrong" }.ConnectionString;
        var error = await Assert.ThrowsAsync<PostgresException>(() => QueryAsync(wrong, "SELECT 1"));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, error.SqlState);
    }

    [Fact]
    public async Task RedisAnswersWithThePasswordAndRefusesWithoutIt()
    {
        await using var app = await TestApp.StartAsync(builder => builder.AddRedis("redis"));
        await app.States.WaitForResourceHealthyAsync("redis", app.Deadline);
        var connectionString = await app.App.GetConnectionStringAsync("redis", app.Deadline);
        var address = connectionString!.Split(',')[0];

        Assert.Equal(HealthStatus.Healthy, await CheckRedisAsync(connectionString, app.Deadline));
        Assert.Equal(HealthStatus.Unhealthy, await CheckRedisAsync($"{address},password=wrong", app.Deadline));
        Assert.StartsWith("-NOAUTH", await AskRedisAsync(address, "PING", app.Deadline), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoPasswordStandsInAnyCommandLine()
    {
        await using var app = await TestApp.StartAsync(builder =>
        {
            builder.AddPostgres("postgres", password: builder.AddParameter("pg-password", "pg-secret-0815", secret: true));
            builder.AddRedis("redis", password: builder.AddParameter("redis-password", "redis-secret-0815", secret: true));
        });
        await app.States.WaitForResourceHealthyAsync("postgres", app.Deadline);
        await app.States.WaitForResourceHealthyAsync("redis", app.Deadline);

        var commands = ProcessTree.Below(Environment.ProcessId).Select(process => process.Command).ToList();

        Assert.Contains(commands, command => command.Contains("bin/postgres -D", StringComparison.Ordinal));
        Assert.DoesNotContain(commands, command => command.Contains("secret-0815", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DataInAVolumeSurviveARunAndThePasswordMayChange()
    {
        foreach (var (password, statement, expected) in new[]
        {
            ("first", "CREATE TABLE kept AS SELECT 42 AS answer; SELECT 'made'", "made"),
            ("it's another", "SELECT answer::text FROM kept", "42"),
        })
        {
            await using var app = await TestApp.StartAsync(Persistent(password));
            await app.States.WaitForResourceHealthyAsync("shop", app.Deadline);
            Assert.Equal(expected, await QueryAsync((await app.App.GetConnectionStringAsync("shop", app.Deadline))!, statement));
        }
    }

    [Fact]
    public async Task AVolumeInUseNamesTheAppHostThatHoldsIt()
    {
        await using var first = await TestApp.StartAsync(Persistent("secret"));
        await first.States.WaitForResourceHealthyAsync("postgres", first.Deadline);

        await using var second = await TestApp.StartAsync(Persistent("secret"));
        await second.UntilAsync("postgres", KnownResourceStates.FailedToStart);

        Assert.Contains($"in use by another app host, process {Environment.ProcessId} (", second.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APostmasterFileOfAStrangerDoesNotKeepTheServerDown()
    {
        await using (var first = await TestApp.StartAsync(Persistent("secret")))
        {
            await first.States.WaitForResourceHealthyAsync("postgres", first.Deadline);
        }

        // As after a restart of the machine: the id in the file is now another program's, here this test's.
        var data = Assert.Single(Directory.EnumerateDirectories(_volumes.Path, "data", SearchOption.AllDirectories));
        await File.WriteAllTextAsync(Path.Combine(data, "postmaster.pid"), $"{Environment.ProcessId}\n{data}\n");

        await using var second = await TestApp.StartAsync(Persistent("secret"));
        await second.States.WaitForResourceHealthyAsync("postgres", second.Deadline);
    }

    [Fact]
    public async Task ARestartedServerKeepsItsDataAndItsAddress()
    {
        await using var app = await TestApp.StartAsync(builder => builder.AddPostgres("postgres").AddDatabase("shop"));
        var before = await app.States.WaitForResourceHealthyAsync("shop", app.Deadline);
        var connectionString = (await app.App.GetConnectionStringAsync("shop", app.Deadline))!;
        await QueryAsync(connectionString, "CREATE TABLE kept AS SELECT 1 AS answer; SELECT 'made'");

        var result = await app.App.ResourceCommands.ExecuteCommandAsync("postgres", KnownResourceCommands.RestartCommand, app.Deadline);

        Assert.True(result.Success, result.Message);
        await app.States.WaitForResourceAsync(
            "shop",
            change => change.Snapshot.HealthStatus == HealthStatus.Healthy && change.Snapshot.StartTimeStamp > before.Snapshot.StartTimeStamp,
            app.Deadline);
        Assert.Equal("1", await QueryAsync(connectionString, "SELECT answer::text FROM kept"));
    }

    public void Dispose() => _volumes.Dispose();

    private IDistributedApplicationBuilder Persistent(string password)
    {
        var builder = TestApp.NewBuilder("DcpPublisher:RandomizePorts=false", $"Aspire:VolumesDirectory={_volumes.Path}");
        builder.AddPostgres("postgres", password: builder.AddParameter("password", password, secret: true))
            .WithDataVolume("kept").AddDatabase("shop");
        return builder;
    }

    private static async Task<string?> QueryAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (string?)await command.ExecuteScalarAsync();
    }

    private static async Task<HealthStatus> CheckRedisAsync(string connectionString, CancellationToken cancellationToken)
    {
        var check = new RedisHealthCheck(_ => ValueTask.FromResult<string?>(connectionString));
        var registration = new HealthCheckRegistration("redis", check, HealthStatus.Unhealthy, null);
        return (await check.CheckHealthAsync(new HealthCheckContext { Registration = registration }, cancellationToken)).Status;
    }

    private static async Task<string?> AskRedisAsync(string address, string command, CancellationToken cancellationToken)
    {
        var url = new Uri($"redis://{address}");
        using var client = new TcpClient();
        await client.ConnectAsync(url.Host, url.Port, cancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), cancellationToken);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadLineAsync(cancellationToken);
    }
}
