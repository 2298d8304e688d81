using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>
/// Turns values into manifest expressions, and remembers what the expressions speak of: parameters that nobody added to the
/// model, encoded copies of parameters, and texts that hang on a condition. They become resources of the manifest themselves.
/// </summary>
internal sealed class ManifestReferences
{
    private readonly HashSet<string> _names;
    private readonly Queue<IResource> _unwritten = new();
    private readonly Dictionary<(ParameterResource Parameter, string Filter), string> _copies = [];
    private readonly Dictionary<string, ConditionalExpression> _conditionals = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="resources">What the model holds; it is written without being referred to.</param>
    public ManifestReferences(IEnumerable<IResource> resources) =>
        _names = resources.Select(resource => resource.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The expressions that hang on a condition, by the names of their resources.</summary>
    public IReadOnlyCollection<ConditionalExpression> Conditionals => _conditionals.Values;

    /// <summary>The expression of a value.</summary>
    public string Text(object value)
    {
        var text = value switch
        {
            string literal => literal,
            ReferenceExpression expression => Text(expression),
            IManifestExpressionProvider provider => provider.ValueExpression,
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
        Remember(value);
        return text;
    }

    /// <summary>The next resource that was referred to and has not been written.</summary>
    public bool TryTakeUnwritten(out IResource? resource) => _unwritten.TryDequeue(out resource);

    /// <summary>Takes the encoded copies of a parameter, which are written once.</summary>
    public List<(string Name, string Filter)> TakeCopies(ParameterResource parameter)
    {
        var copies = _copies.Where(copy => copy.Key.Parameter == parameter).ToList();
        copies.ForEach(copy => _copies.Remove(copy.Key));
        return [.. copies.Select(copy => (copy.Value, copy.Key.Filter))];
    }

    /// <summary>Parameters with encoded copies that have not been taken: they were written before anybody needed a copy.</summary>
    public List<ParameterResource> ParametersWithCopies() => [.. _copies.Keys.Select(copy => copy.Parameter).Distinct()];

    private string Text(ReferenceExpression expression) => expression.ExpressionOf(
        expression.ValueProviders.Select((provider, index) =>
            expression.Filters[index] is { } filter && ParameterBehind(provider) is { } parameter
                ? $"{{{CopyName(parameter, filter)}.value}}"
                : expression.ManifestExpressions[index]));

    /// <summary>Follows everything that a value is made of; what refers to itself is followed once.</summary>
    private void Remember(object value)
    {
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        Visit(value);

        void Visit(object next)
        {
            if (!seen.Add(next))
            {
                return;
            }

            if (next is ReferenceExpression expression)
            {
                // Computing its text registers the copies that it needs.
                Text(expression);
            }

            if (next is ConditionalExpression conditional && _conditionals.TryAdd(conditional.Name, conditional))
            {
                _names.Add(conditional.Name);
            }

            if (next is IResource resource)
            {
                if (_names.Add(resource.Name))
                {
                    _unwritten.Enqueue(resource);
                }
            }
            else if (next is IValueWithReferences { References: var references })
            {
                foreach (var reference in references)
                {
                    Visit(reference);
                }
            }
        }
    }

    private static ParameterResource? ParameterBehind(IValueProvider provider) => provider switch
    {
        ParameterResource parameter => parameter,
        ReferenceExpression { Format: "{0}", ValueProviders: [ParameterResource parameter] } => parameter,
        _ => null,
    };

    private string CopyName(ParameterResource parameter, string filter)
    {
        if (!_copies.TryGetValue((parameter, filter), out var name))
        {
            var baseName = $"{parameter.Name}-{filter.ToLowerInvariant()}-encoded";
            name = baseName;
            for (var number = 1; !_names.Add(name); number++)
            {
                name = string.Create(CultureInfo.InvariantCulture, $"{baseName}-{number}");
            }

            _copies.Add((parameter, filter), name);
        }

        return name;
    }
}
