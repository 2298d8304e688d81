using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// A text with holes for values that are known only when the application runs, or never here: a manifest gets their
/// expressions instead.
/// </summary>
public class ReferenceExpression : IManifestExpressionProvider, IValueProvider, IValueWithReferences
{
    private readonly string?[] _filters;

    internal ReferenceExpression(
        string format,
        IReadOnlyList<IValueProvider> valueProviders,
        IReadOnlyList<string> manifestExpressions,
        string?[] filters)
    {
        Format = format;
        ValueProviders = valueProviders;
        ManifestExpressions = manifestExpressions;
        _filters = filters;
    }

    /// <summary>The text as a composite format: hole <c>{n}</c> stands for value n.</summary>
    public string Format { get; }

    /// <summary>What computes the values of the holes.</summary>
    public IReadOnlyList<IValueProvider> ValueProviders { get; }

    /// <summary>What a manifest writes into the holes.</summary>
    public IReadOnlyList<string> ManifestExpressions { get; }

    /// <summary>How each value is changed on its way into the text; null leaves it as it is, <c>uri</c> percent-encodes it.</summary>
    internal IReadOnlyList<string?> Filters => _filters;

    /// <inheritdoc/>
    public string ValueExpression => ExpressionOf(ManifestExpressions);

    IEnumerable<object> IValueWithReferences.References => ValueProviders;

    /// <summary>Makes an expression of an interpolated string.</summary>
    /// <param name="handler">The interpolated string; its holes take texts, resources, endpoints, parameters and other expressions.</param>
    /// <returns>The expression.</returns>
    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.GetExpression();

    /// <inheritdoc/>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        GetValueAsync(new ValueProviderContext(), cancellationToken);

    /// <inheritdoc/>
    public virtual async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
    {
        var values = new object?[ValueProviders.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var value = await ValueProviders[i].GetValueAsync(context, cancellationToken);
            values[i] = value is null ? null : ValueFilter.Apply(_filters[i], value);
        }

        return string.Format(CultureInfo.InvariantCulture, Format, values);
    }

    /// <summary>The text with what a manifest writes into the holes.</summary>
    internal string ExpressionOf(IEnumerable<string> holes) => string.Format(CultureInfo.InvariantCulture, Format, [.. holes]);

    /// <summary>Collects the text and the holes of an interpolated string.</summary>
    [System.Runtime.CompilerServices.InterpolatedStringHandler]
    [SuppressMessage("Performance", "CA1815", Justification = "The compiler makes it and nobody compares it.")]
    public readonly ref struct ExpressionInterpolatedStringHandler
    {
        private readonly ReferenceExpressionBuilder _builder;

        /// <summary>Called by the compiler.</summary>
        /// <param name="literalLength">Number of characters outside the holes.</param>
        /// <param name="formattedCount">Number of holes.</param>
        public ExpressionInterpolatedStringHandler(int literalLength, int formattedCount) =>
            _builder = new ReferenceExpressionBuilder(literalLength, formattedCount);

        /// <summary>Adds text.</summary>
        /// <param name="value">The text.</param>
        public readonly void AppendLiteral(string value) => _builder.AppendText(value);

        /// <summary>Adds text that is known now.</summary>
        /// <param name="value">The text; null adds nothing.</param>
        public readonly void AppendFormatted(string? value) => _builder.AppendText(value);

        /// <summary>Adds text that is known now.</summary>
        /// <param name="value">The text; null adds nothing.</param>
        /// <param name="format">Null, or <c>uri</c> to percent-encode it.</param>
        public readonly void AppendFormatted(string? value, string? format) =>
            _builder.AppendText(value is null ? null : ValueFilter.Apply(format, value));

        /// <summary>Adds a value that is known later.</summary>
        /// <typeparam name="T">Type of the value.</typeparam>
        /// <param name="valueProvider">The value.</param>
        public readonly void AppendFormatted<T>(T valueProvider)
            where T : IValueProvider, IManifestExpressionProvider => _builder.AppendValue(valueProvider);

        /// <summary>Adds a value that is known later.</summary>
        /// <typeparam name="T">Type of the value.</typeparam>
        /// <param name="valueProvider">The value.</param>
        /// <param name="format">Null, or <c>uri</c> to percent-encode it.</param>
        public readonly void AppendFormatted<T>(T valueProvider, string? format)
            where T : IValueProvider, IManifestExpressionProvider => _builder.AppendValue(valueProvider, format);

        /// <summary>Adds the value of a resource.</summary>
        /// <typeparam name="T">Type of the resource.</typeparam>
        /// <param name="valueProvider">The resource's builder.</param>
        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider)
            where T : IResource, IValueProvider, IManifestExpressionProvider
        {
            ArgumentNullException.ThrowIfNull(valueProvider);
            _builder.AppendValue(valueProvider.Resource);
        }

        /// <summary>Adds the value of a resource.</summary>
        /// <typeparam name="T">Type of the resource.</typeparam>
        /// <param name="valueProvider">The resource's builder.</param>
        /// <param name="format">Null, or <c>uri</c> to percent-encode it.</param>
        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format)
            where T : IResource, IValueProvider, IManifestExpressionProvider
        {
            ArgumentNullException.ThrowIfNull(valueProvider);
            _builder.AppendValue(valueProvider.Resource, format);
        }

        internal readonly ReferenceExpression GetExpression() => _builder.Build();
    }
}
