using AgentPlatform.Contracts;
using AgentPlatform.Persistence;
using AgentPlatform.Tests.Provisioning;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace AgentPlatform.Tests.Services.Storage;

public sealed class MigrationTests(Provisioned provisioned) : IClassFixture<Provisioned>
{
    private static readonly string[] OwnershipColumns = ["created_by", "owner_team", "tenant_id"];

    public static TheoryData<string> Services => [.. ServiceNames.WithStorage];

    [Theory]
    [MemberData(nameof(Services))]
    public void TheMigrationsMakeTheModelAsItIs(string service)
    {
        using var context = ServiceStorage.Model(service);
        Assert.False(context.Database.HasPendingModelChanges(), $"Add a migration: eng/add-migration.sh {service} <Name>");
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task ReplicasThatStartTogetherMigrateOnce(string service)
    {
        var replicas = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => ServiceStorage.StartAsync(provisioned, service))));
        try
        {
            Assert.All(
                await Task.WhenAll(replicas.Select(replica => replica.Client.GetStringAsync("/health"))),
                health => Assert.Equal("Healthy", health));
            await using var connection = await provisioned.ConnectAsync(service);
            using var context = ServiceStorage.Model(service);
            var applied = await ListAsync(connection, $"""SELECT "MigrationId" FROM {service}.migrations ORDER BY 1""");
            Assert.Equal(context.GetService<IMigrationsAssembly>().Migrations.Keys.Order(StringComparer.Ordinal), applied);
        }
        finally
        {
            foreach (var replica in replicas)
            {
                await replica.DisposeAsync();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task EveryRowSaysWhoseItIs(string service)
    {
        await using (await ServiceStorage.StartAsync(provisioned, service))
        {
            await using var connection = await provisioned.ConnectAsync(service);
            var tables = await ListAsync(connection, $"SELECT tablename FROM pg_tables WHERE schemaname = '{service}' AND tablename <> 'migrations'");
            foreach (var table in tables)
            {
                var columns = await ListAsync(connection,
                    $"SELECT column_name FROM information_schema.columns WHERE table_schema = '{service}' AND table_name = '{table}' ORDER BY 1");
                Assert.Superset(OwnershipColumns.ToHashSet(), columns.ToHashSet());
                Assert.All(columns, column => Assert.Matches("^[a-z][a-z0-9_]*$", column));
            }
        }
    }

    [Fact]
    public void ATableWithoutAnOwnerIsRefused()
    {
        using var context = new OwnerlessContext(new DbContextOptionsBuilder<OwnerlessContext>().UseNpgsql("Host=never-connected").Options);
        Assert.Contains("every row says whose it is", Assert.Throws<InvalidOperationException>(() => context.Model).Message, StringComparison.Ordinal);
    }

    private static async Task<List<string>> ListAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    private sealed class OwnerlessContext(DbContextOptions<OwnerlessContext> options) : ServiceDbContext(options, "ownerless")
    {
        protected override void DescribeTables(ModelBuilder model) => model.Entity<OwnerlessRow>();
    }

    private sealed class OwnerlessRow
    {
        public int Id { get; set; }
    }
}
