using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Parameters;

namespace Aspire.Hosting;

/// <summary>Adds values that the application takes from outside.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>Adds a parameter whose value stands in the configuration under <c>Parameters:{name}</c>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="secret">Whether the value must be kept out of sight.</param>
    /// <returns>A builder for the parameter.</returns>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(ParameterFactory.FromConfiguration(builder, name, secret));
    }

    /// <summary>Adds a parameter with a value that configuration does not change.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="value">The value.</param>
    /// <param name="publishValueAsDefault">Whether a manifest proposes the value; a secret cannot be proposed.</param>
    /// <param name="secret">Whether the value must be kept out of sight.</param>
    /// <returns>A builder for the parameter.</returns>
    /// <exception cref="ArgumentException">The value of a secret was to be published.</exception>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(value);
        return builder.AddParameter(name, () => value, publishValueAsDefault, secret);
    }

    /// <summary>Adds a parameter whose value is computed when it is first asked for.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="valueGetter">Computes the value.</param>
    /// <param name="publishValueAsDefault">Whether a manifest proposes the value; a secret cannot be proposed.</param>
    /// <param name="secret">Whether the value must be kept out of sight.</param>
    /// <returns>A builder for the parameter.</returns>
    /// <exception cref="ArgumentException">The value of a secret was to be published.</exception>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, Func<string> valueGetter, bool publishValueAsDefault = false, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(valueGetter);
        if (publishValueAsDefault && secret)
        {
            throw new ArgumentException("A parameter cannot be both secret and published as a default value.", nameof(secret));
        }

        var parameter = new ParameterResource(name, _ => valueGetter(), secret);
        parameter.Default = publishValueAsDefault ? new PublishedParameterDefault(valueGetter) : null;
        return builder.AddResource(parameter);
    }

    /// <summary>Adds a parameter with a default for when configuration names no value.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="value">The default.</param>
    /// <param name="secret">Whether the value must be kept out of sight.</param>
    /// <param name="persist">Whether a generated value is kept in the app host's user secrets, so that the next run has it too.</param>
    /// <returns>A builder for the parameter.</returns>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(value);
        var parameter = ParameterFactory.FromConfiguration(builder, name, secret);
        parameter.Default = persist ? ParameterFactory.Persist(builder, name, value) : value;
        return builder.AddResource(parameter);
    }

    /// <summary>Adds a connection string of something outside the application; it stands in the configuration under <c>ConnectionStrings:{name}</c>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="environmentVariableName">Variable that carries it to others; null stands for <c>ConnectionStrings__{name}</c>.</param>
    /// <returns>A builder for the connection string.</returns>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(ParameterFactory.ConnectionString(builder, name, environmentVariableName));
    }

    /// <summary>Adds a connection string that is put together from other values.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="connectionStringExpression">The connection string.</param>
    /// <returns>A builder for the connection string.</returns>
    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, ReferenceExpression connectionStringExpression)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(connectionStringExpression);
        return builder.AddResource(new ConnectionStringResource(name, connectionStringExpression));
    }
}
