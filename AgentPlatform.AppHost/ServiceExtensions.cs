namespace AgentPlatform.AppHost;

/// <summary>The generated secrets of one service, kept between runs. A parameter is made when it is first asked for: not every service has storage.</summary>
internal sealed class ServiceSecrets(IDistributedApplicationBuilder builder, string service)
{
    private const int PasswordLength = 32;

    public string Service { get; } = service;

    /// <summary>Its password for Postgres and Redis.</summary>
    public IResourceBuilder<ParameterResource> Password => field ??= Generated(builder, $"{Service}-password");

    /// <summary>The seed of the key pair that signs its calls to other services.</summary>
    public IResourceBuilder<ParameterResource> Identity => field ??= Generated(builder, $"{Service}-identity");

    // Without special characters: the password also stands in connection strings and Redis' ACL rules.
    private static IResourceBuilder<ParameterResource> Generated(IDistributedApplicationBuilder builder, string name) =>
        builder.AddParameter(name, new GenerateParameterDefault { MinLength = PasswordLength, Special = false }, secret: true, persist: true);
}

/// <summary>What the services have in common, said once.</summary>
internal static class ServiceExtensions
{
    extension(IResourceBuilder<ProjectResource> project)
    {
        /// <summary>References become connection strings and discovery only: aspirate resolves those, and no others.</summary>
        public IResourceBuilder<ProjectResource> WithResolvableReferences() => project.WithReferenceEnvironment(
            ReferenceEnvironmentInjectionFlags.ConnectionString | ReferenceEnvironmentInjectionFlags.ServiceDiscovery);

        /// <summary>The seed of the service's own key.</summary>
        public IResourceBuilder<ProjectResource> WithIdentity(ServiceSecrets secrets) => project
            .WithResolvableReferences()
            .WithEnvironment("ServiceIdentity__Secret", secrets.Identity);

        /// <summary>
        /// Postgres and Redis under the service's own user, never the administrator's: so addresses and a password go out instead of
        /// the resources' connection strings, and the service puts them together.
        /// </summary>
        public IResourceBuilder<ProjectResource> WithStorage(
            IResourceBuilder<PostgresServerResource> postgres, IResourceBuilder<RedisResource> redis, ServiceSecrets secrets) => project
            .WithIdentity(secrets)
            .WithEnvironment("Postgres__Endpoint", postgres.GetEndpoint("tcp"))
            .WithEnvironment("Postgres__Password", secrets.Password)
            .WithEnvironment("Redis__Endpoint", redis.GetEndpoint("tcp"))
            .WithEnvironment("Redis__Password", secrets.Password);

        /// <summary>Provisioning makes the service's database role and Redis user with this password.</summary>
        public IResourceBuilder<ProjectResource> WithRole(ServiceSecrets secrets) =>
            project.WithEnvironment($"Roles__{secrets.Service}__Password", secrets.Password);

        /// <summary>The services that this one calls, or whose signed calls it accepts.</summary>
        public void Knows(params IResourceBuilder<ProjectResource>[] others)
        {
            foreach (var other in others)
            {
                project.WithReference(other);
            }
        }
    }
}
