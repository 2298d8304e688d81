using System.Globalization;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Grows a reference expression piece by piece; nested expressions are taken apart into their own pieces.</summary>
internal sealed class ReferenceExpressionBuilder(int literalLength = 0, int formattedCount = 0)
{
    private readonly StringBuilder _format = new(literalLength + (formattedCount * 4));
    private readonly List<IValueProvider> _providers = new(formattedCount);
    private readonly List<string> _expressions = new(formattedCount);
    private readonly List<string?> _filters = new(formattedCount);

    public bool IsEmpty => _format.Length == 0;

    public ReferenceExpressionBuilder AppendText(string? text)
    {
        _format.Append(text?.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
        return this;
    }

    public ReferenceExpressionBuilder AppendValue<T>(T value, string? filter = null)
        where T : IValueProvider, IManifestExpressionProvider
    {
        if (filter is not null)
        {
            ValueFilter.Validate(filter);
        }

        _format.Append(CultureInfo.InvariantCulture, $"{{{_providers.Count}}}");
        _providers.Add(value);
        _expressions.Add(value.ValueExpression);
        _filters.Add(filter);
        return this;
    }

    public ReferenceExpression Build() => new(_format.ToString(), [.. _providers], [.. _expressions], [.. _filters]);
}
