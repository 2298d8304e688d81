namespace Aspire.Hosting.ApplicationModel;

/// <summary>A Redis server.</summary>
public class RedisResource : ContainerResource, IResourceWithConnectionString
{
    internal const string EndpointName = "tcp";

    /// <summary>A Redis server.</summary>
    /// <param name="name">Name of the resource.</param>
    public RedisResource(string name)
        : base(name) => PrimaryEndpoint = new EndpointReference(this, EndpointName);

    internal RedisResource(string name, ParameterResource password)
        : this(name) => PasswordParameter = password;

    /// <summary>The address of the server.</summary>
    public EndpointReference PrimaryEndpoint { get; }

    /// <summary>The password; null leaves the server open.</summary>
    public ParameterResource? PasswordParameter { get; }

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => PasswordParameter is null
        ? ReferenceExpression.Create($"{Host}:{Port}{Tls}")
        : ReferenceExpression.Create($"{Host}:{Port},password={PasswordParameter}{Tls}");

    /// <summary>How often, and after how many changes, the server writes its data to disk; null leaves that to the server's defaults.</summary>
    internal (TimeSpan Interval, long KeysChanged)? Persistence { get; set; }

    private EndpointReferenceExpression Host => PrimaryEndpoint.Property(EndpointProperty.Host);

    private EndpointReferenceExpression Port => PrimaryEndpoint.Property(EndpointProperty.Port);

    private ConditionalExpression Tls => new(
        PrimaryEndpoint.Property(EndpointProperty.TlsEnabled), ReferenceExpression.Create($",ssl=true"), ReferenceExpression.Create($""));

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties()
    {
        var scheme = PrimaryEndpoint.Property(EndpointProperty.Scheme);
        yield return new("Host", ReferenceExpression.Create($"{Host}"));
        yield return new("Port", ReferenceExpression.Create($"{Port}"));
        if (PasswordParameter is null)
        {
            yield return new("Uri", ReferenceExpression.Create($"{scheme}://{Host}:{Port}"));
        }
        else
        {
            yield return new("Password", ReferenceExpression.Create($"{PasswordParameter}"));
            yield return new("Uri", ReferenceExpression.Create($"{scheme}://:{PasswordParameter:uri}@{Host}:{Port}"));
        }
    }
}
