using AgentPlatform.Contracts;
using AgentPlatform.Provisioning;
using AgentPlatform.Tests.Hosts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AgentPlatform.Tests.Provisioning;

/// <summary>A Postgres and a Redis of their own, to be provisioned. Roles belong to the whole server, so it is not a shared one.</summary>
public sealed class Provisioned : IAsyncLifetime
{
    public PostgresServer Postgres { get; private set; } = null!;

    public RedisServer Redis { get; private set; } = null!;

    public static string PasswordOf(string service) => $"the-password-of-{service}";

    public async Task InitializeAsync()
    {
        (Postgres, Redis) = (await PostgresServer.StartAsync(), await RedisServer.StartAsync());
        Assert.Equal(ProvisioningRun.Done, await RunAsync());
    }

    /// <summary>Runs provisioning as its program does.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:postgres"] = Postgres.ConnectionString,
            ["ConnectionStrings:redis"] = Redis.ConnectionString,
            ["Provisioning:Patience"] = "00:00:20",
        });
        builder.Configuration.AddInMemoryCollection(ServiceNames.WithStorage.ToDictionary(service => $"Roles:{service}:Password", string? (service) => PasswordOf(service)));
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddProvisioning(builder.Configuration);
        using var host = builder.Build();
        return await host.ProvisionAsync();
    }

    /// <summary>A connection as a service's role; the caller disposes it.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(string role, string? password = null)
    {
        var connection = new NpgsqlConnection(
            $"Host=127.0.0.1;Port={Postgres.Port};Username={role};Password={password ?? PasswordOf(role)};Database=agentplatform;Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    public async Task DisposeAsync()
    {
        await Postgres.DisposeAsync();
        await Redis.DisposeAsync();
    }
}
