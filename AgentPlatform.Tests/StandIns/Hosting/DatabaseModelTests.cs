using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AgentPlatform.Tests.StandIns.Hosting;

/// <summary>What Postgres and Redis are in the model, whatever program runs them.</summary>
public sealed class DatabaseModelTests : IDisposable
{
    private readonly HostingDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task APostgresServerHasAnImageAPortAnAdministratorAndACheck()
    {
        var server = _directory.CreateBuilder("--Parameters:pg-password", "secret").AddPostgres("pg", port: 5433).Allocate("tcp", 5433);

        Assert.Equal("docker.io/library/postgres:18.3", Image(server));
        Assert.Equal((5433, 5432, "tcp"), Port(server));
        Assert.Contains(server.Resource.Annotations.OfType<HealthCheckAnnotation>(), check => check.Key == "pg_check");
        Assert.Equal("Host=localhost;Port=5433;Username=postgres;Password=secret", await Connection(server));
        Assert.Equal(
            [
                ("POSTGRES_HOST_AUTH_METHOD", "scram-sha-256"),
                ("POSTGRES_INITDB_ARGS", "--auth-host=scram-sha-256 --auth-local=scram-sha-256"),
                ("POSTGRES_USER", "postgres"),
                ("POSTGRES_PASSWORD", "secret"),
            ],
            (await server.EnvironmentAsync()).Select(variable => (variable.Key, variable.Value)));
    }

    [Fact]
    public async Task APostgresServerTakesGivenCredentials()
    {
        var builder = _directory.CreateBuilder();
        var server = builder.AddPostgres("pg", builder.AddParameter("user", "a b"), builder.AddParameter("pass", "x/y")).Allocate("tcp", 1);

        Assert.Equal("Host=localhost;Port=1;Username=a b;Password=x/y", await Connection(server));
        var properties = server.Resource.GetConnectionProperties().ToDictionary();
        Assert.Equal("postgresql://a%20b:x%2Fy@localhost:1", await properties["Uri"].GetValueAsync());
        Assert.Equal(["Host", "Port", "Username", "Password", "Uri", "JdbcConnectionString"], properties.Keys);
    }

    [Fact]
    public async Task ADatabaseIsAChildOfItsServerWithANameOfItsOwn()
    {
        var builder = _directory.CreateBuilder("--Parameters:pg-password", "secret");
        var server = builder.AddPostgres("pg").Allocate("tcp", 1);
        var database = server.AddDatabase("db", "it's; mine");

        Assert.Same(server.Resource, database.Resource.Parent);
        Assert.Equal("it's; mine", server.Resource.Databases["DB"]);
        Assert.Contains(database.Resource.Annotations.OfType<HealthCheckAnnotation>(), check => check.Key == "db_check");
        Assert.Equal("Host=localhost;Port=1;Username=postgres;Password=secret;Database=\"it's; mine\"", await Connection(database));
    }

    [Theory]
    [InlineData("18.3", "/var/lib/postgresql")]
    [InlineData("17.2-alpine", "/var/lib/postgresql/data")]
    [InlineData("latest", "/var/lib/postgresql")]
    public void TheDataOfAPostgresServerStandWhereItsVersionKeepsThem(string tag, string directory)
    {
        var server = _directory.CreateBuilder().AddPostgres("pg").WithImageTag(tag).WithDataVolume("data", isReadOnly: true);
        var mount = Assert.Single(server.Resource.Annotations.OfType<ContainerMountAnnotation>());
        Assert.Equal(("data", directory, ContainerMountType.Volume, true), (mount.Source, mount.Target, mount.Type, mount.IsReadOnly));
    }

    [Fact]
    public void AVolumeWithoutANameIsNamedForTheAppHostAndTheResource()
    {
        var (one, again) = (Volume(_directory), Volume(_directory));
        using var elsewhere = new HostingDirectory();

        Assert.Matches("^[a-z0-9][a-z0-9._-]*-[0-9a-f]{10}-pg-data$", one);
        Assert.Equal(one, again);
        Assert.NotEqual(one, Volume(elsewhere));

        static string? Volume(HostingDirectory directory) =>
            directory.CreateBuilder().AddPostgres("pg").WithDataVolume().Resource.Annotations.OfType<ContainerMountAnnotation>().Single().Source;
    }

    [Fact]
    public async Task ARedisServerIsProtectedByAPasswordThatAShellLeavesAlone()
    {
        var server = _directory.CreateBuilder().AddRedis("cache", 6380).Allocate("tcp", 6380);
        var password = await server.Resource.PasswordParameter!.GetValueAsync();

        Assert.Equal("docker.io/library/redis:8.6", Image(server));
        Assert.Equal((6380, 6379, "redis"), Port(server));
        Assert.Equal(22, password!.Length);
        Assert.True(password.All(char.IsAsciiLetterOrDigit), password);
        Assert.Equal($"localhost:6380,password={password}", await Connection(server));
        var configuration = await server.ConfigurationAsync();
        Assert.Equal("/bin/sh", server.Resource.Entrypoint);
        Assert.Equal(["-c", "redis-server --requirepass $REDIS_PASSWORD"], configuration.Arguments);
        Assert.Equal(password, configuration.Environment["REDIS_PASSWORD"]);
        var uri = server.Resource.GetConnectionProperties().Single(property => property.Key == "Uri").Value;
        Assert.Equal($"redis://:{password}@localhost:6380", await uri.GetValueAsync());
    }

    [Fact]
    public async Task ARedisServerWithTlsSaysSoToItsClients()
    {
        var builder = _directory.CreateBuilder();
        var server = builder.AddRedis("cache", password: builder.AddParameter("pass", "x")).Allocate("tcp", 1)
            .WithEndpoint("tcp", endpoint => endpoint.TlsEnabled = true);
        Assert.Equal("localhost:1,password=x,ssl=true", await Connection(server));
    }

    [Fact]
    public async Task AVolumeTurnsOnPersistenceOnlyWhereNobodyChoseItAndItCanBeWritten()
    {
        Assert.Equal("--save 60 1", await Save(redis => redis.WithDataVolume()));
        Assert.Equal("--save 30 5", await Save(redis => redis.WithPersistence(TimeSpan.FromSeconds(30), 5).WithDataVolume()));
        Assert.Equal("--save 30 5", await Save(redis => redis.WithDataVolume().WithPersistence(TimeSpan.FromSeconds(30), 5)));
        Assert.Equal("", await Save(redis => redis.WithDataVolume(isReadOnly: true)));

        async Task<string> Save(Func<IResourceBuilder<RedisResource>, IResourceBuilder<RedisResource>> configure)
        {
            var configuration = await configure(_directory.CreateBuilder().AddRedis("cache")).ConfigurationAsync();
            return configuration.Arguments[1].Replace("redis-server --requirepass $REDIS_PASSWORD", "", StringComparison.Ordinal).Trim();
        }
    }

    [Fact]
    public void ThePortOnThisMachineCanBeChosenLater()
    {
        var builder = _directory.CreateBuilder();
        Assert.Equal(7, builder.AddPostgres("pg").WithHostPort(7).Endpoint("tcp").Port);
        Assert.Equal(8, builder.AddRedis("cache").WithHostPort(8).Endpoint("tcp").Port);
    }

    private static string Image(IResourceBuilder<ContainerResource> builder) =>
        builder.Resource.Annotations.OfType<ContainerImageAnnotation>().Single().ToString();

    private static (int?, int?, string) Port(IResourceBuilder<ContainerResource> builder) =>
        builder.Endpoint("tcp") is var endpoint ? (endpoint.Port, endpoint.TargetPort, endpoint.UriScheme) : default;

    private static async Task<string?> Connection(IResourceBuilder<IResourceWithConnectionString> builder) =>
        await builder.Resource.GetConnectionStringAsync();
}
