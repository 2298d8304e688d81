using AgentPlatform.ServiceDefaults.Configuration;
using Microsoft.Extensions.Configuration;
using Npgsql;
using StackExchange.Redis;

namespace AgentPlatform.Tests.ServiceDefaults.Configuration;

public sealed class ConnectionStringTests
{
    [Theory]
    [InlineData("tcp://db.internal:5433", "db.internal", 5433)]
    [InlineData("db.internal:5433", "db.internal", 5433)]
    [InlineData("postgres", "postgres", 5432)]
    [InlineData("tcp://postgres", "postgres", 5432)]
    [InlineData("tcp://10.0.0.7:6000/", "10.0.0.7", 6000)]
    [InlineData(" localhost:1 ", "localhost", 1)]
    public void AnEndpointIsReadAsEveryPlatformWritesIt(string text, string host, int port)
    {
        Assert.True(ConnectionStrings.TryParseEndpoint(text, 5432, out var endpoint));
        Assert.Equal((host, port), (endpoint.Host, endpoint.Port));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("tcp://")]
    [InlineData("host:port")]
    [InlineData("host:70000")]
    [InlineData("tcp://user:secret@host:1")]
    [InlineData("host:1/database")]
    public void WhatIsNoEndpointIsRefused(string? text) => Assert.False(ConnectionStrings.TryParseEndpoint(text, 5432, out _));

    [Fact]
    public void EndpointsAndPasswordsBecomeConnectionStringsOfTheServicesOwnUser()
    {
        const string Password = "pa;ss\"wo'rd=1";
        var composed = Compose(
            ("Postgres:Endpoint", "tcp://db:5433"), ("Postgres:Password", Password), ("Redis:Endpoint", "cache:6380"), ("Redis:Password", "redis-password"));

        var postgres = new NpgsqlConnectionStringBuilder(composed.GetConnectionString("agentplatform"));
        Assert.Equal(("db", 5433, "webhooks", Password, "agentplatform"), (postgres.Host, postgres.Port, postgres.Username, postgres.Password, postgres.Database));
        Assert.Equal("cache:6380,user=webhooks,password=redis-password", composed.GetConnectionString("redis"));
        Assert.Single(ConfigurationOptions.Parse(composed.GetConnectionString("redis")!).EndPoints);
    }

    [Fact]
    public void ConnectionStringsThatAreGivenAreKept()
    {
        var composed = Compose(("ConnectionStrings:agentplatform", "Host=given"), ("Postgres:Endpoint", "db:5433"), ("ConnectionStrings:redis", "given"), ("Redis:Endpoint", "cache"));
        Assert.Equal(("Host=given", "given"), (composed.GetConnectionString("agentplatform"), composed.GetConnectionString("redis")));
    }

    private static ConfigurationManager Compose(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        ConnectionStrings.Compose(configuration, "webhooks");
        return configuration;
    }
}
