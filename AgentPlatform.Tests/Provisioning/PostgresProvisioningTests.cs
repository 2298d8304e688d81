using AgentPlatform.Contracts;
using AgentPlatform.Provisioning;
using AgentPlatform.Provisioning.Postgres;
using Npgsql;

namespace AgentPlatform.Tests.Provisioning;

public sealed class PostgresProvisioningTests(Provisioned provisioned) : IClassFixture<Provisioned>
{
    public static TheoryData<string> Services => [.. ServiceNames.WithStorage];

    [Fact]
    public async Task ProvisioningMayRunAgainAndBesideItself()
    {
        var codes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => provisioned.RunAsync())));
        Assert.All(codes, code => Assert.Equal(ProvisioningRun.Done, code));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task AServiceOwnsItsSchemaAndWorksThereWithoutNamingIt(string service)
    {
        await using var connection = await provisioned.ConnectAsync(service);

        await ExecuteAsync(connection, "CREATE TABLE IF NOT EXISTS mine (id int); INSERT INTO mine VALUES (1)");

        Assert.Equal(service, await ScalarAsync(connection, "SELECT schemaname FROM pg_tables WHERE tablename = 'mine' AND tableowner = current_user"));
    }

    [Theory]
    [InlineData("SELECT * FROM sessions.secrets")]
    [InlineData("INSERT INTO sessions.secrets VALUES ('mine')")]
    [InlineData("CREATE TABLE sessions.planted (id int)")]
    [InlineData("DROP SCHEMA sessions CASCADE")]
    [InlineData("SET ROLE sessions")]
    [InlineData("CREATE TABLE public.planted (id int)")]
    [InlineData("CREATE SCHEMA more")]
    [InlineData("CREATE ROLE more")]
    [InlineData("CREATE DATABASE more")]
    [InlineData("ALTER ROLE webhooks SUPERUSER")]
    [InlineData("CREATE TEMP TABLE spilled (id int)")]
    [InlineData("COPY (SELECT 1) TO PROGRAM 'true'")]
    [InlineData("SELECT pg_read_file('/etc/passwd')")]
    public async Task AServiceCannotLeaveItsSchema(string statement)
    {
        await using (var sessions = await provisioned.ConnectAsync(ServiceNames.Sessions))
        {
            await ExecuteAsync(sessions, "CREATE TABLE IF NOT EXISTS secrets (value text)");
        }

        await using var webhooks = await provisioned.ConnectAsync(ServiceNames.Webhooks);
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(webhooks, statement));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
    }

    [Fact]
    public async Task ARoleIsLimitedInItsConnections()
    {
        Assert.Equal(ProvisioningRun.Done, await provisioned.RunAsync(("Roles:gateway:ConnectionLimit", "2")));
        await using var first = await provisioned.ConnectAsync(ServiceNames.Gateway);
        await using var second = await provisioned.ConnectAsync(ServiceNames.Gateway);

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => provisioned.ConnectAsync(ServiceNames.Gateway));

        Assert.Equal(PostgresErrorCodes.TooManyConnections, refusal.SqlState);
        Assert.Equal(ProvisioningRun.Done, await provisioned.RunAsync());
    }

    [Fact]
    public async Task AChangedPasswordTakesEffectAndTheOldOneEnds()
    {
        Assert.Equal(ProvisioningRun.Done, await provisioned.RunAsync(("Roles:scheduler:Password", "another-password")));

        await (await provisioned.ConnectAsync(ServiceNames.Scheduler, "another-password")).DisposeAsync();
        await Assert.ThrowsAsync<PostgresException>(() => provisioned.ConnectAsync(ServiceNames.Scheduler));

        Assert.Equal(ProvisioningRun.Done, await provisioned.RunAsync());
        await (await provisioned.ConnectAsync(ServiceNames.Scheduler)).DisposeAsync();
    }

    [Fact]
    public async Task ARoleOfThatNameThatIsASuperuserIsNotAdopted()
    {
        await provisioned.Postgres.ExecuteAsync("ALTER ROLE sessions SUPERUSER");
        Assert.Equal(ProvisioningRun.Failed, await provisioned.RunAsync());

        await provisioned.Postgres.ExecuteAsync("ALTER ROLE sessions NOSUPERUSER");
        Assert.Equal(ProvisioningRun.Done, await provisioned.RunAsync());
    }

    [Fact]
    public async Task AnAdministratorWithoutSuperuserIsEnough()
    {
        // As on a managed server.
        await using var server = await Hosts.PostgresServer.StartAsync();
        await server.ExecuteAsync("CREATE ROLE manager LOGIN CREATEDB CREATEROLE PASSWORD 'the-managers-password'");
        var managed = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = "manager", Password = "the-managers-password" };

        Assert.Equal(ProvisioningRun.Done, await provisioned.RunAsync(("ConnectionStrings:postgres", managed.ConnectionString)));
        Assert.Equal(ProvisioningRun.Done, await provisioned.RunAsync(("ConnectionStrings:postgres", managed.ConnectionString)));
    }

    [Fact]
    public async Task AServerThatIsStillStartingIsWaitedFor()
    {
        await using var server = await Hosts.PostgresServer.StartAsync();
        await server.StopAsync();

        var run = provisioned.RunAsync(("ConnectionStrings:postgres", server.ConnectionString));
        await server.StartAgainAsync();

        Assert.Equal(ProvisioningRun.Done, await run);
    }

    [Fact]
    public void APasswordIsKeptAsPostgresKeepsIt() => Assert.Equal(
        // RFC 7677, section 3: user "user", password "pencil".
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
        ScramVerifier.Of("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==")));

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
