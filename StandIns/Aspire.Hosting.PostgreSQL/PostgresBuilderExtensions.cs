using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Containers;
using Aspire.Hosting.Parameters;
using Aspire.Hosting.PostgreSQL.Running;

namespace Aspire.Hosting;

/// <summary>Adds PostgreSQL servers and databases to an application.</summary>
public static class PostgresBuilderExtensions
{
    private const string Registry = "docker.io";
    private const string Image = "library/postgres";
    private const string Tag = "18.3";
    private const int TargetPort = 5432;

    /// <summary>The first version whose image keeps the data of each major version in a directory of its own below the volume.</summary>
    private const int FirstVersionWithOwnDirectories = 18;

    /// <summary>Adds a server.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="userName">The administrator's name; null stands for <c>postgres</c>.</param>
    /// <param name="password">The administrator's password; null generates one, kept as parameter <c>{name}-password</c>.</param>
    /// <param name="port">Port on this machine; null picks a free one.</param>
    /// <returns>A builder for the server.</returns>
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var passwordParameter = password?.Resource ?? ParameterFactory.Password(builder, $"{name}-password");
        var server = new PostgresServerResource(name, userName?.Resource, passwordParameter);

        return builder.AddResource(server)
            .WithEndpoint(port: port, targetPort: TargetPort, name: PostgresServerResource.EndpointName)
            .WithImage(Image, Tag)
            .WithImageRegistry(Registry)
            .WithEnvironment("POSTGRES_HOST_AUTH_METHOD", "scram-sha-256")
            .WithEnvironment("POSTGRES_INITDB_ARGS", "--auth-host=scram-sha-256 --auth-local=scram-sha-256")
            .WithEnvironment(context =>
            {
                context.EnvironmentVariables["POSTGRES_USER"] = server.UserNameReference;
                context.EnvironmentVariables["POSTGRES_PASSWORD"] = server.PasswordParameter;
            })
            .RunLocally();
    }

    /// <summary>Adds a database to a server.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="databaseName">Name of the database; null stands for the resource's.</param>
    /// <returns>A builder for the database.</returns>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(
        this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var database = new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource);
        var databaseBuilder = builder.ApplicationBuilder.AddResource(database).CheckConnections();
        builder.Resource.DatabaseResources.Add(database);
        return databaseBuilder;
    }

    /// <summary>Keeps the server's data in a volume from run to run.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">Name of the volume; null makes one of the names of the app host and the resource.</param>
    /// <param name="isReadOnly">Whether the server may only read it.</param>
    /// <returns>The builder of the server.</returns>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(
        this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithVolume(name ?? VolumeName.Create(builder, "data"), DataDirectory(builder.Resource), isReadOnly);
    }

    /// <summary>Chooses the server's port on this machine.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="port">The port; null picks a free one.</param>
    /// <returns>The builder of the server.</returns>
    public static IResourceBuilder<PostgresServerResource> WithHostPort(this IResourceBuilder<PostgresServerResource> builder, int? port) =>
        builder.WithEndpoint(PostgresServerResource.EndpointName, endpoint => endpoint.Port = port);

    private static string DataDirectory(PostgresServerResource server)
    {
        var tag = server.Annotations.OfType<ContainerImageAnnotation>().LastOrDefault()?.Tag ?? Tag;
        var major = tag.Split('.', '-')[0];
        return int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version < FirstVersionWithOwnDirectories
            ? "/var/lib/postgresql/data"
            : "/var/lib/postgresql";
    }
}
