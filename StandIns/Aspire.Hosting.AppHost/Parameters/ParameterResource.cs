namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that the application takes from outside.</summary>
public class ParameterResource : Resource, IManifestExpressionProvider, IValueProvider, IResourceWithoutLifetime
{
    private readonly Lazy<string> _value;

    /// <summary>A parameter.</summary>
    /// <param name="name">Name of the resource.</param>
    /// <param name="callback">Finds the value; it is called once, with the default that the parameter has by then.</param>
    /// <param name="secret">Whether the value must be kept out of sight.</param>
    public ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(callback);
        // A missing value is looked up again: a person may have supplied it in the meantime.
        _value = new Lazy<string>(() => callback(Default), LazyThreadSafetyMode.PublicationOnly);
        Secret = secret;
    }

    /// <summary>How the parameter gets its value where configuration names none.</summary>
    public ParameterDefault? Default { get; set; }

    /// <summary>Whether the value must be kept out of sight.</summary>
    public bool Secret { get; }

    /// <summary>Key of the value in the app host's configuration.</summary>
    internal string ConfigurationKey => IsConnectionString ? $"ConnectionStrings:{Name}" : $"Parameters:{Name}";

    /// <summary>Whether the value is a connection string.</summary>
    internal bool IsConnectionString { get; init; }

    /// <inheritdoc/>
    public string ValueExpression => $"{{{Name}.value}}";

    /// <inheritdoc/>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult<string?>(_value.Value);
}
