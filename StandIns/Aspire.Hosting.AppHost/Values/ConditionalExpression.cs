using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// One of two texts, chosen by a value that is known later. A manifest cannot choose: it gets a resource that holds the text
/// which holds for the deployment, named after the condition and a hash of the whole.
/// </summary>
/// <param name="condition">The value that decides.</param>
/// <param name="whenTrue">The text where the value is <c>True</c>.</param>
/// <param name="whenFalse">The text otherwise.</param>
internal sealed class ConditionalExpression(EndpointReferenceExpression condition, ReferenceExpression whenTrue, ReferenceExpression whenFalse)
    : IManifestExpressionProvider, IValueProvider, IValueWithReferences
{
    /// <summary>Name of the resource in the manifest.</summary>
    public string Name => $"cond-{ConditionName(condition.ValueExpression)}-{Hash():x8}";

    public string ValueExpression => $"{{{Name}.connectionString}}";

    IEnumerable<object> IValueWithReferences.References => [condition, whenTrue, whenFalse];

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        GetValueAsync(new ValueProviderContext(), cancellationToken);

    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) =>
        await (await ChooseAsync(context, cancellationToken)).GetValueAsync(context, cancellationToken);

    /// <summary>The text that holds.</summary>
    public async ValueTask<ReferenceExpression> ChooseAsync(ValueProviderContext context, CancellationToken cancellationToken) =>
        await condition.GetValueAsync(context, cancellationToken) == bool.TrueString ? whenTrue : whenFalse;

    private static string ConditionName(string expression) => expression.Trim('{', '}').Replace('.', '-').ToLowerInvariant();

    private uint Hash() => XxHash32.Compute(
        Encoding.UTF8.GetBytes(condition.ValueExpression + whenTrue.ValueExpression + whenFalse.ValueExpression + bool.TrueString));
}
