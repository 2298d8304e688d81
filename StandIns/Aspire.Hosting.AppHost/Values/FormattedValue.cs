namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// A manifest has no functions: the encoded form of a value is a resource of its own, named after the value.
/// </summary>
internal static class FormattedValue
{
    /// <summary>The expression of the encoded form, <c>{cache-password-uri-encoded.value}</c> for <c>{cache-password.value}</c>.</summary>
    public static string Expression(string valueExpression, string filter) => $"{{{Name(valueExpression, filter)}.value}}";

    /// <summary>Name of the resource that holds the encoded form.</summary>
    public static string Name(string valueExpression, string filter)
    {
        var inner = valueExpression.AsSpan().Trim("{}");
        var value = inner.EndsWith(".value") ? inner[..^".value".Length].ToString() : inner.ToString().Replace('.', '-');
        return $"{value}-{filter}-encoded";
    }
}
