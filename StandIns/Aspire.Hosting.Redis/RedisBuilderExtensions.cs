using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Containers;
using Aspire.Hosting.Parameters;
using Aspire.Hosting.Redis.Running;

namespace Aspire.Hosting;

/// <summary>Adds Redis servers to an application.</summary>
public static class RedisBuilderExtensions
{
    private const string Registry = "docker.io";
    private const string Image = "library/redis";
    private const string Tag = "8.6";
    private const int TargetPort = 6379;
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(60);

    /// <summary>Adds a server with a generated password.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="port">Port on this machine; null picks a free one.</param>
    /// <returns>A builder for the server.</returns>
    public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, string name, int? port) =>
        builder.AddRedis(name, port, null);

    /// <summary>Adds a server.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="port">Port on this machine; null picks a free one.</param>
    /// <param name="password">The password; null generates one, kept as parameter <c>{name}-password</c>.</param>
    /// <returns>A builder for the server.</returns>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        // The password stands in a shell command, where special characters would mean something.
        var passwordParameter = password?.Resource ?? ParameterFactory.Password(builder, $"{name}-password", special: false);
        var server = new RedisResource(name, passwordParameter);

        return builder.AddResource(server)
            .WithEndpoint(port: port, targetPort: TargetPort, scheme: "redis", name: RedisResource.EndpointName)
            .WithImage(Image, Tag)
            .WithImageRegistry(Registry)
            .RunLocally()
            .WithEntrypoint("/bin/sh")
            .WithEnvironment(context => context.EnvironmentVariables["REDIS_PASSWORD"] = passwordParameter)
            .WithArgs(context =>
            {
                context.Args.Add("-c");
                context.Args.Add(Command(server));
            });
    }

    /// <summary>Keeps the server's data in a volume from run to run, and turns on persistence where it is off.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">Name of the volume; null makes one of the names of the app host and the resource.</param>
    /// <param name="isReadOnly">Whether the server may only read it.</param>
    /// <returns>The builder of the server.</returns>
    public static IResourceBuilder<RedisResource> WithDataVolume(
        this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.WithVolume(name ?? VolumeName.Create(builder, "data"), "/data", isReadOnly);
        return isReadOnly || builder.Resource.Persistence is not null ? builder : builder.WithPersistence();
    }

    /// <summary>Lets the server write its data to disk.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="interval">How often at most, in whole seconds; null stands for a minute.</param>
    /// <param name="keysChangedThreshold">After how many changes in that time.</param>
    /// <returns>The builder of the server.</returns>
    public static IResourceBuilder<RedisResource> WithPersistence(
        this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Resource.Persistence = (interval ?? DefaultInterval, keysChangedThreshold);
        return builder;
    }

    /// <summary>Chooses the server's port on this machine.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="port">The port; null picks a free one.</param>
    /// <returns>The builder of the server.</returns>
    public static IResourceBuilder<RedisResource> WithHostPort(this IResourceBuilder<RedisResource> builder, int? port) =>
        builder.WithEndpoint(RedisResource.EndpointName, endpoint => endpoint.Port = port);

    private static string Command(RedisResource server)
    {
        var command = server.PasswordParameter is null ? "redis-server" : "redis-server --requirepass $REDIS_PASSWORD";
        return server.Persistence is var (interval, keysChanged)
            ? string.Create(CultureInfo.InvariantCulture, $"{command} --save {(long)interval.TotalSeconds} {keysChanged}")
            : command;
    }
}
