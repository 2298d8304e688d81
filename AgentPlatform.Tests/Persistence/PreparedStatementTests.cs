using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Services.Scheduler.Storage;

namespace AgentPlatform.Tests.Persistence;

/// <summary>How many statements a service's connections keep prepared.</summary>
public sealed class PreparedStatementTests
{
    private const string Given = "Host=db;Username=scheduler;Password=a;Database=agentplatform";

    [Fact]
    public void AServiceKeepsTheStatementsThatItRepeats() => Assert.InRange(Kept(Given), 1, 1000);

    [Theory]
    [InlineData("Max Auto Prepare=0", 0)]
    [InlineData("MaxAutoPrepare=7", 7)]
    [InlineData("max auto prepare=7", 7)]
    public void WhatTheConnectionStringSaysCounts(string setting, int kept) => Assert.Equal(kept, Kept($"{Given};{setting}"));

    private static int Kept(string connection)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:agentplatform", connection)]);
        builder.AddServiceDatabase<SchedulerDbContext>("scheduler");
        var used = new NpgsqlConnectionStringBuilder(builder.Configuration.GetConnectionString("agentplatform"));
        Assert.Equal("db", used.Host);
        Assert.Equal("a", used.Password);
        return used.MaxAutoPrepare;
    }
}
