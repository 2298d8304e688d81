using System.Collections.Concurrent;
using System.Diagnostics;
using AgentPlatform.Tests.Hosts;
using Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql.EntityFrameworkCore.PostgreSQL;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace AgentPlatform.Tests.StandIns.Clients.Postgres;

public sealed class DbContextTests
{
    private const string Section = "Aspire:Npgsql:EntityFrameworkCore:PostgreSQL";

    [Fact]
    public async Task TheContextReachesItsDatabaseAndItsHealthCheckBearsItsName()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var database = await server.CreateDatabaseAsync();
        var builder = Builder(("ConnectionStrings:orders", database.ConnectionString + ";Pooling=false"));
        builder.AddNpgsqlDbContext<OrdersContext>("orders");
        using var host = builder.Build();

        using (var scope = host.Services.CreateScope())
        {
            Assert.Equal(2, await scope.ServiceProvider.GetRequiredService<OrdersContext>().Database.SqlQuery<int>($"SELECT 1 + 1 AS \"Value\"").SingleAsync());
        }

        Assert.Equal([("OrdersContext", HealthStatus.Healthy)], await HealthAsync(host));
        await server.StopAsync();
        Assert.Equal([("OrdersContext", HealthStatus.Unhealthy)], await HealthAsync(host));
        await server.StartAgainAsync();
    }

    [Fact]
    public void SettingsComeFromTheSectionThenTheConnectionThenTheContextThenTheCode()
    {
        NpgsqlEntityFrameworkCorePostgreSQLSettings? seen = null;
        var builder = Builder(
            ($"{Section}:ConnectionString", "Host=section"), ($"{Section}:CommandTimeout", "1"), ($"{Section}:DisableRetry", "true"), ($"{Section}:DisableMetrics", "true"),
            ($"{Section}:orders:CommandTimeout", "2"), ($"{Section}:orders:DisableTracing", "true"), ($"{Section}:orders:ConnectionString", "Host=named"),
            ($"{Section}:OrdersContext:CommandTimeout", "3"), ($"{Section}:OrdersContext:DisableMetrics", "false"));

        builder.AddNpgsqlDbContext<OrdersContext>("orders", settings =>
        {
            seen = settings;
            Assert.Equal((3, true, true, false), (settings.CommandTimeout!.Value, settings.DisableRetry, settings.DisableTracing, settings.DisableMetrics));
            settings.CommandTimeout = 4;
        });

        Assert.Equal("Host=named", seen!.ConnectionString);
        using var host = builder.Build();
        using var scope = host.Services.CreateScope();
        Assert.Equal(4, scope.ServiceProvider.GetRequiredService<OrdersContext>().Database.GetCommandTimeout());
    }

    [Fact]
    public void TheConnectionStringOfTheNameComesBeforeTheSections()
    {
        var builder = Builder(($"{Section}:ConnectionString", "Host=section"), ("ConnectionStrings:orders", "Host=by-name"));
        builder.AddNpgsqlDbContext<OrdersContext>("orders");
        using var host = builder.Build();
        using var scope = host.Services.CreateScope();

        Assert.Equal("Host=by-name", scope.ServiceProvider.GetRequiredService<OrdersContext>().Database.GetConnectionString());
    }

    [Fact]
    public void AMissingConnectionStringIsNamedWhenAContextIsAskedFor()
    {
        var builder = Builder();
        builder.AddNpgsqlDbContext<OrdersContext>("orders");
        using var host = builder.Build();
        using var scope = host.Services.CreateScope();

        var error = Assert.Throws<InvalidOperationException>(() => scope.ServiceProvider.GetRequiredService<OrdersContext>());

        Assert.Contains("ConnectionStrings:orders", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, typeof(NpgsqlRetryingExecutionStrategy))]
    [InlineData(true, null)]
    public void CommandsAreRepeatedUnlessTheSettingsSayOtherwise(bool disabled, Type? strategy)
    {
        var builder = Builder(("ConnectionStrings:orders", "Host=nowhere"));
        builder.AddNpgsqlDbContext<OrdersContext>("orders", settings => settings.DisableRetry = disabled);
        using var host = builder.Build();
        using var scope = host.Services.CreateScope();

        var used = scope.ServiceProvider.GetRequiredService<OrdersContext>().Database.CreateExecutionStrategy();

        Assert.Equal(strategy is not null, used.RetriesOnFailure);
        Assert.True(strategy is null || used.GetType() == strategy);
    }

    [Fact]
    public void AContextThatIsRegisteredTwiceIsAnErrorInDevelopment()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = Environments.Development });
        builder.Services.AddDbContext<OrdersContext>(options => options.UseNpgsql("Host=nowhere"));

        Assert.Throws<InvalidOperationException>(() => builder.AddNpgsqlDbContext<OrdersContext>("orders"));
    }

    [Fact]
    public async Task AContextRegisteredBeforeIsEnriched()
    {
        await using var database = await PostgresServer.FreshDatabaseAsync();
        var builder = Builder(($"{Section}:OrdersContext:CommandTimeout", "11"));
        Assert.Throws<InvalidOperationException>(() => builder.EnrichNpgsqlDbContext<OrdersContext>());
        builder.Services.AddDbContextPool<OrdersContext>(options => options.UseNpgsql(database.ConnectionString));

        builder.EnrichNpgsqlDbContext<OrdersContext>();
        builder.EnrichNpgsqlDbContext<OrdersContext>();

        using var host = builder.Build();
        using var scope = host.Services.CreateScope();
        var context = scope.ServiceProvider.GetRequiredService<OrdersContext>();
        Assert.Equal((11, database.ConnectionString), (context.Database.GetCommandTimeout(), context.Database.GetConnectionString()));
        Assert.True(context.Database.CreateExecutionStrategy().RetriesOnFailure);
        Assert.Equal([("OrdersContext", HealthStatus.Healthy)], await HealthAsync(host));
    }

    [Fact]
    public void ATimeoutThatContradictsTheContextsIsAnError()
    {
        var builder = Builder();
        builder.Services.AddDbContextPool<OrdersContext>(options => options.UseNpgsql("Host=nowhere", npgsql => npgsql.CommandTimeout(5)));
        builder.EnrichNpgsqlDbContext<OrdersContext>(settings => settings.CommandTimeout = 6);
        using var host = builder.Build();
        using var scope = host.Services.CreateScope();

        var error = Assert.Throws<InvalidOperationException>(() => scope.ServiceProvider.GetRequiredService<OrdersContext>());

        Assert.Contains("CommandTimeout", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommandsAreTracedAndMeasured()
    {
        await using var database = await PostgresServer.FreshDatabaseAsync();
        var spans = new ConcurrentQueue<Activity>();
        var builder = Builder(("ConnectionStrings:orders", database.ConnectionString));
        builder.AddNpgsqlDbContext<OrdersContext>("orders");
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(new Collector(spans)));
        using var host = builder.Build();
        await host.StartAsync();
        using var caller = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();
        caller.ActivityTraceFlags |= ActivityTraceFlags.Recorded;

        using var scope = host.Services.CreateScope();
        await scope.ServiceProvider.GetRequiredService<OrdersContext>().Database.ExecuteSqlAsync($"SELECT {"hush"}");

        var ours = spans.Where(span => span.TraceId == caller.TraceId && span.ParentSpanId == caller.SpanId).ToArray();
        Assert.Single(ours, span => span.GetTagItem("db.query.text") is not null);
        Assert.All(ours, span => Assert.Equal("Npgsql", span.Source.Name));
        Assert.DoesNotContain(ours.SelectMany(span => span.TagObjects), tag => tag.Value?.ToString()?.Contains("hush", StringComparison.Ordinal) is true);
        Assert.NotNull(host.Services.GetService<MeterProvider>());
    }

    private static HostApplicationBuilder Builder(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        return builder;
    }

    private static async Task<IEnumerable<(string, HealthStatus)>> HealthAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries.Select(entry => (entry.Key, entry.Value.Status));

    internal sealed class OrdersContext(DbContextOptions<OrdersContext> options) : DbContext(options);

    private sealed class Collector(ConcurrentQueue<Activity> spans) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => spans.Enqueue(data);
    }
}
